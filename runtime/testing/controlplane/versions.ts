/** The versions that the tests run against. */
export const versions = { kubernetes: "1.35.4", etcd: "3.6.16" } as const;

/** Names a folder of binaries: what is in it and which machine can run it. */
export const versionsFolder = `kubernetes-${versions.kubernetes}-etcd-${versions.etcd}-${process.platform}-${process.arch}`;
