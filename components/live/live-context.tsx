'use client';

import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { createLiveClient, type LiveClient } from './live-client.ts';
import { createLiveSocket } from './socket.ts';

const LiveContext = createContext<LiveClient | null>(null);

export function LiveProvider({ children }: { children: ReactNode }) {
  const [client] = useState(() => createLiveClient(createLiveSocket()));
  useEffect(() => {
    client.open();
    return () => client.close();
  }, [client]);
  return <LiveContext value={client}>{children}</LiveContext>;
}

export function useLiveClient(): LiveClient {
  const client = useContext(LiveContext);
  if (client === null) throw new Error('Live data need <Providers> around the page');
  return client;
}
