-- Asks with one cookie after the other, so that two requests of one session are never under way at once.
local requests = {}
local next_request = 0

function init(args)
  for line in io.lines(args[1]) do
    local headers = { ["user-agent"] = args[2], ["sec-fetch-site"] = "same-origin", ["cookie"] = line }
    requests[#requests + 1] = wrk.format("GET", nil, headers)
  end
end

function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('\n{"done":%d,"us":%d,"refused":%d,"failed":%d}\n',
    summary.requests, summary.duration, errors.status, failed))
end
