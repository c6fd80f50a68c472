#!/usr/bin/env bash
# Builds sidecar/Dockerfile and runs the image where there is no container engine and no image registry at hand: as root
# on Debian, on a base image made here. Not part of `npm test`; it takes some minutes and installs packages.
set -euo pipefail
cd "$(dirname "$0")/.."

port=${PORT:-2884}
work=$(mktemp -d)
storage=(--root "$work/store" --runroot "$work/run" --storage-driver vfs)
# The limits are under those of the machine: raising them is what a container inside of a container may not do.
run=(--runtime runc --cgroup-manager cgroupfs)
limits=(--ulimit nofile=1024:1024 --ulimit nproc=1024:1024)

finish() {
  podman "${storage[@]}" "${run[@]}" rm --force byo-sidecar >/dev/null 2>&1 || true
  podman "${storage[@]}" rmi --all --force >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends buildah debootstrap podman runc

echo "== a base image like node:24-bookworm-slim"
rootfs=$work/rootfs
debootstrap --variant=minbase --include=ca-certificates bookworm "$rootfs" >/dev/null
cp -L /etc/ssl/certs/ca-certificates.crt "$rootfs/etc/ssl/certs/"
(cp -r scripts/node-runtime "$work/node" && cd "$work/node" && npm ci --ignore-scripts --no-audit --no-fund)
cp -L "$work/node/node_modules/.bin/node" "$rootfs/usr/local/bin/"
mkdir -p "$rootfs/usr/local/lib/node_modules"
cp -r "$(npm root --global)/npm" "$rootfs/usr/local/lib/node_modules/"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$rootfs/usr/local/bin/npm"
chroot "$rootfs" groupadd --gid 1000 node
chroot "$rootfs" useradd --uid 1000 --gid node --create-home node
base=$(buildah "${storage[@]}" from scratch)
buildah "${storage[@]}" add --quiet "$base" "$rootfs" / >/dev/null
buildah "${storage[@]}" config \
  --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$base"
buildah "${storage[@]}" commit --quiet "$base" docker.io/library/node:24-bookworm-slim >/dev/null

echo "== the image"
buildah "${storage[@]}" bud --isolation chroot --network host --pull-never --format docker \
  --file sidecar/Dockerfile --tag byo-sidecar .

echo "== the container"
key=api_$(tr -dc a-f0-9 </dev/urandom | head -c 64 || true)
podman "${storage[@]}" "${run[@]}" run --detach --name byo-sidecar --network host "${limits[@]}" \
  --env PORT="$port" --env INITIAL_INTEGRATION_KEY="$key" localhost/byo-sidecar
for _ in $(seq 60); do
  curl --silent --fail "http://127.0.0.1:$port/readyz" && break
  sleep 1
done
curl --silent --fail "http://127.0.0.1:$port/run-command" --header "Authorization: Bearer $key" --data '{"command":"Ping"}'
podman "${storage[@]}" "${run[@]}" healthcheck run byo-sidecar
podman "${storage[@]}" "${run[@]}" exec byo-sidecar sh -c 'test "$(id -u)" = 1000 && ! touch /app/written 2>/dev/null'
podman "${storage[@]}" "${run[@]}" stop --time 12 byo-sidecar
code=$(podman "${storage[@]}" "${run[@]}" inspect byo-sidecar --format '{{.State.ExitCode}}')
test "$code" = 0
echo "the image builds, serves, is healthy, has no privileges and stops with code $code"
