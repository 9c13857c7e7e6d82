// TLS settings of a broker address as Node's own options; reads the files that they name.
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { AppError, errorText } from '../core/errors.ts';
import type { TlsSettings } from './broker-url.ts';

export function toTlsOptions(settings: TlsSettings): ConnectionOptions {
  const options: ConnectionOptions = { rejectUnauthorized: settings.rejectUnauthorized };
  if (settings.caFile !== null) options.ca = readPem('ssl_ca_certs', settings.caFile);
  if (settings.certFile !== null) options.cert = readPem('ssl_certfile', settings.certFile);
  if (settings.keyFile !== null) options.key = readPem('ssl_keyfile', settings.keyFile);
  if (!settings.checkHostname) options.checkServerIdentity = () => undefined;
  return options;
}

function readPem(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const why = errorText(cause);
    throw new AppError('bad_configuration', `${option} cannot be read: ${why}`, { cause });
  }
}
