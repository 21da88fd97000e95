import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const MANIFEST = `apiVersion: v1
kind: ConfigMap
metadata: {name: app, labels: {part: demo}}
data: {key: value}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec: {containers: [{name: main, image: nginx, ports: [{containerPort: 80}], env: [{name: LEVEL, value: "1"}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: app}
spec: {selector: {app: app}, ports: [{port: 80}], clusterIP: None}
`;

/** Command lines, run one after the other. MANIFEST and CHANGED stand for files. */
const COMMANDS = `
create configmap one --from-literal=a=b
get configmap one -o yaml
get configmap one -o json
get configmap one -o jsonpath={.data.a}
describe configmap one
create deployment web --image=nginx --replicas=2 --port=80
get deployments
get deployments -o wide
get deployment web -o yaml --show-managed-fields
describe deployment web
scale deployment web --replicas=4
label deployment web tier=front
label deployment web tier=back
label deployment web tier=back --overwrite
annotate deployment web note=hello
set image deployment/web nginx=nginx:2
set env deployment/web A=B
patch deployment web -p {"spec":{"replicas":1}}
patch deployment web --type=merge -p {"spec":{"replicas":2}}
patch deployment web --type=json -p [{"op":"replace","path":"/spec/replicas","value":3}]
patch deployment web --subresource=status --type=merge -p {"status":{"replicas":3}}
get deployments -l tier=back
get deployments --field-selector metadata.name=none
get deployment none
get nothings
rollout status deployment web --timeout=1s
rollout pause deployment web
rollout resume deployment web
expose deployment web --port=80 --cluster-ip=None
describe service web
run pod --image=busybox
get pods -o wide
describe pod pod
logs pod
wait --for=condition=Ready pod/pod --timeout=1s
wait --for=jsonpath={.metadata.name}=pod pod/pod --timeout=5s
delete pod pod
delete pod pod --ignore-not-found
diff -f MANIFEST
apply -f MANIFEST --dry-run=server
apply -f MANIFEST
apply -f MANIFEST
diff -f MANIFEST
apply -f CHANGED
get deployment app -o jsonpath={.spec.template.spec.containers[0].env}
apply -f CHANGED --server-side --force-conflicts
apply -f MANIFEST --server-side --field-manager=other
delete -f MANIFEST
create serviceaccount robot
create token robot -o jsonpath={.kind}
create role reader --verb=get,list --resource=pods
create rolebinding readers --role=reader --serviceaccount=NAMESPACE:robot
describe role reader
get roles,rolebindings -o wide
get configmaps --as=system:serviceaccount:NAMESPACE:robot
auth can-i delete pods --as=system:serviceaccount:NAMESPACE:robot
auth can-i get pods
create job task --image=busybox
get jobs
create cronjob tick --image=busybox --schedule=*/5 * * * *
get cronjobs
create ingress way --rule=a.example/=web:80
describe ingress way
create poddisruptionbudget safe --selector=app=web --min-available=1
get poddisruptionbudgets
explain deployment.spec.replicas
explain pods --recursive
api-versions
api-resources
version
get --raw /healthz
get --raw /version
events
get statefulsets,daemonsets,replicasets
delete deployment web --cascade=orphan --wait=false
delete configmap one --dry-run=server
delete configmap one
`
  .trim()
  .split("\n");

/** What one command line printed and how it ended. */
export interface Transcript {
  readonly command: string;
  readonly output: string;
}

/** Runs all commands in a namespace of their own; what differs between any two servers is left out of the outputs. */
export async function runKubectl(kubectl: string, kubeconfig: string, folder: string, namespace: string): Promise<Transcript[]> {
  const files = { MANIFEST: join(folder, "manifest.yaml"), CHANGED: join(folder, "changed.yaml") };
  await writeFile(files.MANIFEST, MANIFEST);
  await writeFile(files.CHANGED, MANIFEST.replace('"1"', '"2"'));
  const run = async (args: readonly string[]) => {
    const all = ["--kubeconfig", kubeconfig, "--cache-dir", join(folder, "cache"), "--namespace", namespace, ...args];
    return normal(await outputOf(kubectl, all), namespace, folder);
  };
  await run(["create", "namespace", namespace]);
  const transcripts: Transcript[] = [];
  for (const command of COMMANDS) {
    const args = split(command).map((word) =>
      word.replace("MANIFEST", files.MANIFEST).replace("CHANGED", files.CHANGED).replace("NAMESPACE", namespace),
    );
    transcripts.push({ command, output: await run(args) });
  }
  return transcripts;
}

/** Words of a command; what follows `--schedule=` is one. */
function split(command: string): string[] {
  const schedule = command.indexOf("--schedule=");
  return schedule < 0 ? command.split(" ") : [...command.slice(0, schedule).trim().split(" "), command.slice(schedule)];
}

function outputOf(kubectl: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(kubectl, args, { timeout: 30_000 }, (error, stdout, stderr) => resolve(`${stdout}${stderr}[${error === null ? 0 : 1}]`));
  });
}

function normal(output: string, namespace: string, folder: string): string {
  return output
    .replaceAll(folder, "FOLDER")
    .replaceAll(namespace, "NAMESPACE")
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UID")
    .replaceAll(/(resourceVersion"?: "?)\d+/g, "$1VERSION")
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*( \+0000)?/g, "TIME")
    .replaceAll(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]+ \+0000/g, "TIME")
    .replaceAll(/ +\d+s$/gm, " AGE")
    .replaceAll(/ +\d+s +/g, " AGE ")
    .replaceAll(/\/tmp\/\S+/g, "FILE")
    .replaceAll(/^[EIW]\d{4} [\d:.]+ +\d+ \S+/gm, "KLOG")
    .trim();
}
