# Sourced by ../prepare: the image of kind's nodes, of Debian's packages and of what binaries.sh has made.

registry=registry.k8s.io

# container NAME [-c 'INSTRUCTION']... FILE[=PLACE]...: an image in docker of files and folders, with the libraries that their programs load
container() {
  local name=$1 root changes=(-c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin') from to
  root=$(mktemp -d)
  shift
  install -d -m 1777 "$root/tmp"
  chmod 755 "$root"
  while (($#)); do
    if [[ $1 == -c ]]; then changes+=(-c "$2") && shift 2 && continue; fi
    from=${1%%=*} to=$root${1#*=}
    shift
    if [[ -d $from ]]; then mkdir -p "$to" && cp -a "$from/." "$to"; else install -D "$from" "$to"; fi
    { find -L "$from" -type f '(' -perm /111 -o -name '*.so*' ')' -exec ldd {} + 2>/dev/null || true; } |
      awk '{ for (i = 1; i < NF; i++) if ($i ~ "^/" && $(i + 1) ~ /^\(/) print $i }' | sort -u |
      while read -r from; do install -D "$from" "$root$from"; done
  done
  tar -C "$root" --numeric-owner --owner=0 --group=0 -c . | docker import "${changes[@]}" - "$name" >/dev/null
  rm -rf "$root"
  containers+=("$name")
}

# What kubeadm starts, by the names that it asks for, and what stands in for kind's own images.
containers() {
  local x=/usr/sbin each applets=$work/busybox xtables
  containers=()
  xtables=("$x/xtables-nft-multi" /usr/lib/x86_64-linux-gnu/xtables)
  for each in ip{,6}tables{,-save,-restore}; do xtables+=("$x/xtables-nft-multi=$x/$each"); done
  for each in apiserver controller-manager scheduler; do
    container "$registry/kube-$each:v$kubernetes" "$bin/kube-$each=/usr/local/bin/kube-$each"
  done
  container "$registry/kube-proxy:v$kubernetes" "$bin/kube-proxy=/usr/local/bin/kube-proxy" "${xtables[@]}" $x/nft $x/conntrack
  container "$registry/etcd:$etcd-0" "$bin/server=/usr/local/bin/etcd"
  container "$registry/coredns/coredns:$coredns" -c 'ENTRYPOINT ["/coredns"]' "$bin/coredns=/coredns"
  container "$registry/pause:$pause" -c 'ENTRYPOINT ["/pause"]' -c 'USER 65535:65535' "$bin/pause=/pause"
  mkdir -p "$applets"
  cp /bin/busybox "$applets"
  for each in sh cat mv sleep mkdir rm; do ln -sf busybox "$applets/$each"; done
  container localhost/kindnet:1 -c 'ENTRYPOINT ["/kindnet.sh"]' "$applets=/bin" $x/nft /bin/ip "$bin/kubectl=/bin/kubectl" \
    "$here/node/kindnet.sh=/kindnet.sh"
  container "localhost/local-path-provisioner:$provisioner" "$bin/local-path-provisioner=/usr/local/bin/local-path-provisioner"
  container localhost/local-path-helper:1 "$applets=/bin"
  docker save -o "$work/containers.tar" "${containers[@]}"
  docker rmi "${containers[@]}" >/dev/null
}

# Debian with systemd, the same for every version of the rest.
debian() {
  [[ ! -e $work/debian.tar ]] || return 0
  mmdebstrap --quiet --mode=root --variant=minbase --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include=systemd,conntrack,iptables,nftables,iproute2,ethtool,mount,kmod,e2fsprogs,ca-certificates,curl,jq,procps,socat,runc \
    bookworm "$work/debian.part.tar" /etc/apt/sources.list.d/debian.sources
  mv "$work/debian.part.tar" "$work/debian.tar"
}

# file_system ROOT: as kind's own base and node images have it
file_system() {
  local root=$1 files
  files=$(source_of "sigs.k8s.io/kind@$kind")
  rm -rf "$root" && mkdir "$root"
  tar -C "$root" -xf "$work/debian.tar"
  cp -rT --no-preserve=mode "$files/images/base/files" "$root"
  chmod 755 "$root"/usr/local/bin/* "$root"/kind/bin/*
  rm -f "$root"/lib/systemd/system/{multi-user,local-fs,basic}.target.wants/* "$root"/etc/systemd/system/*.wants/* \
    "$root"/lib/systemd/system/sockets.target.wants/*{udev,initctl}* \
    "$root"/lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service
  echo ReadKMsg=no >>"$root/etc/systemd/journald.conf"
  ln -sf /usr/lib/systemd/systemd "$root/sbin/init"
  chroot "$root" systemctl -q enable kubelet containerd undo-mount-hacks
  chroot "$root" systemctl -q mask systemd-binfmt
  mkdir -p "$root/etc/kubernetes/manifests" "$root/opt/cni/bin" "$root/kind/manifests"
  install -m 755 "$bin"/{containerd,ctr,containerd-shim-runc-v2,crictl} "$root/usr/local/bin"
  install -m 755 "$bin"/{ptp,bridge,loopback,host-local,portmap} "$root/opt/cni/bin"
  install -m 755 "$bin"/{kubeadm,kubelet,kubectl} "$root/usr/bin"
  ctr oci spec | jq '.hooks.createContainer += [{path: "/kind/bin/mount-product-files.sh"}] | del(.process.rlimits)' \
    >"$root/etc/containerd/cri-base.json"
  printf %s "v$kubernetes" >"$root/kind/version"
  cp "$here/node/default-cni.yaml" "$root/kind/manifests"
  sed -n '/^const defaultStorageManifest/,/^`/p' "$files/pkg/build/nodeimage/const_storage.go" | sed -e '1d;$d' \
    -e "s#\` + storageProvisionerImage + \`#localhost/local-path-provisioner:$provisioner#; s#\` + storageHelperImage + \`#localhost/local-path-helper:1#" \
    >"$root/kind/manifests/default-storage.yaml"
  # For machines with cgroup v1, and where nobody may lower oom_score_adj.
  sed -i "s#restrict_oom_score_adj = false#restrict_oom_score_adj = true#; s#pause:[0-9.]*#pause:$pause#" "$root/etc/containerd/config.toml"
  sed -i 's#^KUBELET_EXTRA_ARGS=#&--fail-cgroupv1=false #' "$root/etc/default/kubelet"
}

# preload ROOT: the containers' images, into the containerd of the node
preload() {
  local root=$1 socket=$work/run/containerd.sock pid
  printf 'version = 3\ndisabled_plugins = ["io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri"]\n' \
    >"$work/preload.toml"
  containerd -c "$work/preload.toml" --root "$root/var/lib/containerd" --state "$work/run" --address "$socket" >"$work/preload.log" 2>&1 &
  pid=$!
  for _ in {1..40}; do ctr -a "$socket" version >/dev/null 2>&1 && break || sleep 0.25; done
  ctr -a "$socket" -n k8s.io images import --label=io.cri-containerd.pinned=pinned --all-platforms --no-unpack --digests \
    "$work/containers.tar" >/dev/null
  kill "$pid" && wait "$pid" || true
}

node_image() {
  local root=$work/root label
  label=$(find "$here/prepare" "$here/node" -type f | sort | xargs cat | sha256sum | cut -c1-12)
  [[ $(docker image inspect -f '{{.Config.Labels.made}}' "$image:v$kubernetes" 2>/dev/null) != "$label" ]] || return 0
  say "the image of the nodes"
  debian
  containers
  file_system "$root"
  preload "$root"
  tar -C "$root" --numeric-owner -c . | docker import - "$image:v$kubernetes" >/dev/null
  DOCKER_BUILDKIT=0 docker build --quiet --tag "$image:v$kubernetes" - >/dev/null <<END
FROM $image:v$kubernetes
LABEL made=$label
ENV container=docker
STOPSIGNAL SIGRTMIN+3
ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]
END
  rm -rf "$root" "$work/containers.tar" "$work/run"
}
