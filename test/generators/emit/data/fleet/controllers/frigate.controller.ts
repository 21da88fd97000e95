/**
 * @rbac group=fleet.ships.io resources=frigates,harbours verbs=get,list,watch
 * @rbac group=fleet.ships.io resources=frigates/status verbs=get,patch
 * @rbac group=apps resources=deployments verbs=get,list,watch
 * @rbac group=apps resources=deployments verbs=patch
 * @rbac group="" resources=pods,services verbs=get,list,watch
 * @rbac group="" resources=secrets resourceNames=signals verbs=get
 * @rbac group=coordination.k8s.io resources=leases verbs=get,create,update namespace=ships
 * @rbac urls=/metrics verbs=get
 */
export class FrigateReconciler {
  /** @rbac group=events.k8s.io resources=events verbs=create,patch */
  reconcile(): void {
    return;
  }
}
