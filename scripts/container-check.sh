#!/usr/bin/env bash
# Builds sidecar/Dockerfile and runs the image where there is no container engine and no image registry at hand: as root
# on Debian, on base images made here. `npm run test:long` runs it; it takes some minutes and installs packages.
set -euo pipefail
cd "$(dirname "$0")/.."

port=${PORT:-2884}
work=$(mktemp -d)
storage=(--root "$work/store" --runroot "$work/run" --storage-driver "${STORAGE_DRIVER:-vfs}")
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

echo "== base images like debian:bookworm-slim and node:24-bookworm-slim"
rootfs=$work/rootfs
debootstrap --variant=minbase bookworm "$rootfs" >/dev/null
rm -rf "$rootfs"/usr/share/{doc,info,man,locale} "$rootfs"/var/{cache/apt,lib/apt/lists}/*
base() {
  local image
  image=$(buildah "${storage[@]}" from scratch)
  buildah "${storage[@]}" add --quiet "$image" "$rootfs" / >/dev/null
  buildah "${storage[@]}" config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" "$image"
  buildah "${storage[@]}" commit --quiet --rm "$image" "$name" >/dev/null
}
name=docker.io/library/debian:bookworm-slim base
mkdir -p "$rootfs/etc/ssl/certs"
cp -L /etc/ssl/certs/ca-certificates.crt "$rootfs/etc/ssl/certs/"
(cp -r scripts/node-runtime "$work/node" && cd "$work/node" && npm ci --ignore-scripts --no-audit --no-fund)
cp -L "$work/node/node_modules/.bin/node" "$rootfs/usr/local/bin/"
mkdir -p "$rootfs/usr/local/lib/node_modules"
cp -r "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$rootfs/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$rootfs/usr/local/bin/npm"
name=docker.io/library/node:24-bookworm-slim base --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
rm -rf "$rootfs" "$work/node"

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
curl --silent --fail "http://127.0.0.1:$port/readyz" || { podman "${storage[@]}" "${run[@]}" logs byo-sidecar; exit 1; }
curl --silent --show-error --fail "http://127.0.0.1:$port/run-command" --header "Authorization: Bearer $key" --data '{"command":"Ping","data":{}}'
inside() { podman "${storage[@]}" "${run[@]}" exec byo-sidecar "$@"; }
podman "${storage[@]}" "${run[@]}" healthcheck run byo-sidecar
inside sh -c 'test "$(id -u)" = 1000 && ! touch /app/written 2>/dev/null'
inside byo --help | grep --quiet owner
inside grep --quiet '"name": *"fastify"' /app/sbom.cdx.json
megabytes=$(($(podman "${storage[@]}" image inspect localhost/byo-sidecar --format '{{.Size}}') / 1000000))
echo "the image has $megabytes MB"
test "$megabytes" -lt 250
podman "${storage[@]}" "${run[@]}" stop --time 12 byo-sidecar
code=$(podman "${storage[@]}" "${run[@]}" inspect byo-sidecar --format '{{.State.ExitCode}}')
test "$code" = 0

echo "== a volume of Kubernetes: it belongs to root, and an fsGroup may write to it"
mkdir "$work/volume" && chown 0:1000 "$work/volume" && chmod 2770 "$work/volume"
podman "${storage[@]}" "${run[@]}" rm --force byo-sidecar >/dev/null
podman "${storage[@]}" "${run[@]}" run --detach --name byo-sidecar --network host "${limits[@]}" --read-only \
  --volume "$work/volume:/data" --env PORT="$port" --env INITIAL_INTEGRATION_KEY="$key" localhost/byo-sidecar
for _ in $(seq 60); do
  curl --silent --fail "http://127.0.0.1:$port/readyz" && break
  sleep 1
done
podman "${storage[@]}" "${run[@]}" healthcheck run byo-sidecar
echo "the image builds, serves, is healthy, has no privileges, stops with code $code and takes volumes of an fsGroup"
