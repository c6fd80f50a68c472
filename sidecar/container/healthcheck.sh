#!/bin/bash
# Whether /healthz answers. A Node process for each check would take 50 MB and a good part of a second, so bash speaks
# HTTP itself; only TLS needs Node.
if [[ -n ${TLS_CERT_FILE:-} ]]; then
  exec node -e "process.env.NODE_TLS_REJECT_UNAUTHORIZED = 0; fetch('https://127.0.0.1:$PORT/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"
fi
exec 3<>"/dev/tcp/127.0.0.1/$PORT" || exit 1
printf 'GET /healthz HTTP/1.0\r\nhost: localhost\r\n\r\n' >&3
read -r -t 2 -u 3 status && [[ $status == HTTP/1.[01]\ 200* ]]
