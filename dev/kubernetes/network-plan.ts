/** The bridge that carries the address which pods and the machine both reach. */
export const nodeBridge = 'qm0';

/** The address of the node: API server, kubelet, DNS and the operator's run API listen on it. */
export const nodeAddress = '10.245.0.1';

/** Where pods get their addresses from. */
export const podNetwork = '10.246.0.0/16';

/** Where Services get their addresses from; `apiServer` is the first of them. */
export const serviceNetwork = { range: '10.247.0.0/16', apiServer: '10.247.0.1' } as const;

/** The table that holds our own packet rules. */
export const packetTable = 'quartermaster';

/** Name of the one node. */
export const nodeName = 'quartermaster-local';
