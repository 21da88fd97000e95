# Sourced by ../prepare: programs of Go modules. Each has a module around it, so that go.sum is checked and replacements can be said.

# module_folder MODULE@VERSION: that module's
module_folder() { echo "$work/${1//\//_}"; }

# build MODULE@VERSION LINKER-FLAGS PACKAGE...: into FOLDER/bin
build() {
  local name=${1%@*} version=${1#*@} at flags="-s -w $2"
  at=$(module_folder "$1")
  shift 2
  [[ ! -e $at/done ]] || return 0
  say "$name $version, from its Go module"
  mkdir -p "$at"
  printf 'module around\ngo 1.25.0\nrequire %s %s\n' "$name" "$version" >"$at/go.mod"
  if [[ $name == k8s.io/kubernetes ]]; then
    # What is a folder there is published as a module of version 0: v1.35.4 is v0.35.4.
    (cd "$at" && go mod download -json "$name@$version") | jq -r .GoMod | xargs cat |
      awk -v version="v0.${version#v1.}" '$2 == "=>" && $3 ~ /staging/ { print "replace", $1, "=>", $1, version }' >>"$at/go.mod"
  fi
  (cd "$at" && go build -o "$bin/" -ldflags "$flags" "$@") 2> >(grep -v '^go: downloading' >&2)
  touch "$at/done"
}

# source_of MODULE@VERSION: the folder with its files
source_of() { (cd "$(module_folder "$1")" && go mod download "${1%@*}" && go list -m -f '{{.Dir}}' "${1%@*}"); }

binaries() {
  local k=k8s.io/kubernetes/cmd c=github.com/containerd/containerd/v2 n=github.com/containernetworking/plugins
  build "sigs.k8s.io/kind@$kind" "" sigs.k8s.io/kind
  build "k8s.io/kubernetes@v$kubernetes" "-X k8s.io/component-base/version.gitVersion=v$kubernetes" \
    $k/{kubeadm,kubelet,kubectl,kube-apiserver,kube-controller-manager,kube-scheduler,kube-proxy}
  build "go.etcd.io/etcd/server/v3@v$etcd" "" go.etcd.io/etcd/server/v3
  build "github.com/coredns/coredns@$coredns" "" github.com/coredns/coredns
  build "github.com/rancher/local-path-provisioner@$provisioner" "" github.com/rancher/local-path-provisioner
  build "$n@$plugins" "" $n/plugins/{main/ptp,main/bridge,main/loopback,ipam/host-local,meta/portmap}
  GOFLAGS="$GOFLAGS -tags=no_btrfs,no_devmapper,no_zfs" \
    build "$c@$containerd" "-X $c/version.Version=$containerd" $c/cmd/{containerd,ctr,containerd-shim-runc-v2}
  # crictl has no module that can be had: what kind calls of it is compiled with Kubernetes' own modules.
  local at
  at=$(module_folder "k8s.io/kubernetes@v$kubernetes")
  install -Dt "$at/crictl" "$here/node/crictl/main.go"
  (cd "$at" && go build -o "$bin/" ./crictl)
  gcc -Os -static "-DVERSION=v$pause-$kubernetes" -o "$bin/pause" "$(source_of "k8s.io/kubernetes@v$kubernetes")/build/pause/linux/pause.c"
}
