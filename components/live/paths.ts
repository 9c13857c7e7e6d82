/** Addresses of pages; Next puts the base path before them. */
export const clusterPath = (cluster: string, rest = ''): string =>
  `/${encodeURIComponent(cluster)}${rest === '' ? '' : `/${rest}`}`;

/** `range` and `sort`: those of the figure that leads there, so that both count the same. */
export function tasksPath(
  cluster: string,
  query = '',
  { range, sort }: { range?: string; sort?: string } = {},
): string {
  const parts = [
    query === '' ? '' : `q=${encodeURIComponent(query)}`,
    range === undefined ? '' : `range=${range}`,
    sort === undefined ? '' : `sort=${sort}`,
  ].filter((part) => part !== '');
  return clusterPath(cluster, `tasks${parts.length === 0 ? '' : `?${parts.join('&')}`}`);
}

export const taskPath = (cluster: string, id: string): string =>
  clusterPath(cluster, `tasks/${encodeURIComponent(id)}`);

export const workerPath = (cluster: string, hostname: string): string =>
  clusterPath(cluster, `workers/${encodeURIComponent(hostname)}`);

export const queuePath = (cluster: string, name: string): string =>
  clusterPath(cluster, `queues/${encodeURIComponent(name)}`);

/** The API's address of one cluster's things: `/clusters/demo/tasks`. */
export const apiPath = (cluster: string, rest = ''): string =>
  `/clusters/${encodeURIComponent(cluster)}${rest === '' ? '' : `/${rest}`}`;
