// One rule for each way in which rules are merged, kept apart or put elsewhere.

// +kubebuilder:rbac:groups=fleet.io,resources=ships,verbs=watch;get;create
// +kubebuilder:rbac:groups=fleet.io,resources=ships/status,verbs=update;get;patch
// +kubebuilder:rbac:groups=fleet.io,resources=ships,resourceNames=victory;argo;beagle,verbs=watch;get
// +kubebuilder:rbac:groups=yard,resources=docks,verbs=get
// +kubebuilder:rbac:groups=port,resources=docks,verbs=get,namespace=north
// +kubebuilder:rbac:groups=yard,resources=docks,verbs=get,namespace=north
// +kubebuilder:rbac:groups=yard,resources=docks,verbs=get,namespace=south

// Groups that are said together stay together, in whatever order and how often; the same resource of one of them is another rule.
// +kubebuilder:rbac:groups=yard;yard,resources=cranes/status,verbs=watch;watch
// +kubebuilder:rbac:groups=yard;port,resources=cranes/status,verbs=create;get
// +kubebuilder:rbac:groups=port;yard,resources=cranes/status,verbs=get;create

// Verbs of a resource, then resources with equal verbs, then groups with equal resources and verbs.
// +kubebuilder:rbac:groups=verbs,resources=sails,verbs=get;list
// +kubebuilder:rbac:groups=verbs,resources=sails,verbs=list
// +kubebuilder:rbac:groups=resources,resources=masts,verbs=create
// +kubebuilder:rbac:groups=resources,resources=hulls;keels,verbs=create
// +kubebuilder:rbac:groups=groups1,resources=ropes,verbs=patch
// +kubebuilder:rbac:groups=groups3,resources=ropes,verbs=patch
// +kubebuilder:rbac:groups=groups2,resources=ropes,verbs=patch
// +kubebuilder:rbac:groups=all1,resources=oars;buoys,verbs=get;list
// +kubebuilder:rbac:groups=all2,resources=oars,verbs=get
// +kubebuilder:rbac:groups=all2,resources=oars;buoys,verbs=list
// +kubebuilder:rbac:groups=all2,resources=buoys,verbs=get

// What differs in more than one of them is kept apart.
// +kubebuilder:rbac:groups=apart1,resources=anchors,verbs=get
// +kubebuilder:rbac:groups=apart1,resources=chains,verbs=list
// +kubebuilder:rbac:groups=apart2,resources=chains,verbs=get

// Every verb says all that the others say.
// +kubebuilder:rbac:groups=every,resources=flags,verbs=get;patch
// +kubebuilder:rbac:groups=every,resources=flags,verbs=*
// +kubebuilder:rbac:groups=every,resources=flags,verbs=get;*,namespace=north

// URLs, and the core group by its nickname.
// +kubebuilder:rbac:urls=/metrics,verbs=get
// +kubebuilder:rbac:urls=/healthz;/debug/*,verbs=get
// +kubebuilder:rbac:groups=core,resources=pods,verbs=list
// +kubebuilder:rbac:groups="",resources=nodes,verbs=list
// +kubebuilder:rbac:groups="";apps;core,resources=nodes,verbs=list;get

// Roles of other names.
// +kubebuilder:rbac:groups=apps,namespace=engine-room,roleName=stoker,resources=deployments,verbs=list;get
// +kubebuilder:rbac:groups=apps,namespace=engine-room,roleName=stoker,resources=daemonsets,verbs=get
// +kubebuilder:rbac:groups=apps,namespace=engine-room,resources=daemonsets,verbs=get
// +kubebuilder:rbac:groups="",roleName=lookout,resources=events,verbs=watch
export const fleet = "of ships";
