// A real authorization server for the tests: oidc-provider, on a free port of the loopback interface.
//
// Reads its options as JSON from the environment variable OIDC_TEST_OPTIONS:
//   clients   [{ client_id, client_secret, token_endpoint_auth_method, scope }]; beside what the provider knows of a client,
//             `public_key` (PEM) and `kid` are a key of it, and `certificate` (PEM) is one that it signs itself
//   tls       { cert, key, ca } as PEM: speaks https, and asks for the client's certificate, which `ca` may have signed
//   clock_s   by how many seconds the server's clock is ahead (default 0)
//   delay_ms  how long each token request waits before the provider sees it (default 0)
//   lifetime  of a token, in seconds (default 900)
// Prints `ready <issuer>` once it listens. Ends when its standard input ends, so that it cannot outlive the test.
// `GET /__count` answers how many token requests came in.

import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { X509Certificate, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import Provider from 'oidc-provider';

// Whoever started us reads one line and no more: a remark of the provider after that would end us.
console.info = console.error;

const { clients, tls, clock_s: clock = 0, delay_ms: delay = 0, lifetime = 900 } = JSON.parse(
  process.env.OIDC_TEST_OPTIONS,
);

if (clock) {
  const { now } = Date;
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...parts) {
      super(...(parts.length ? parts : [now() + clock * 1000]));
    }
    static now() {
      return now() + clock * 1000;
    }
  };
}

let provider;
let count = 0;

const server = listener(async (request, response) => {
  // Node's own header knows the machine's clock only.
  response.setHeader('Date', new Date().toUTCString());
  if (request.url === '/__count') {
    response.end(String(count));
    return;
  }
  if (request.url === '/token') {
    count += 1;
    await wait(delay);
  }
  provider(request, response);
});

server.listen(0, '127.0.0.1', () => {
  const issuer = `${tls ? 'https' : 'http'}://127.0.0.1:${server.address().port}`;
  provider = new Provider(issuer, configuration()).callback();
  console.log(`ready ${issuer}`);
});

process.stdin.on('end', () => process.exit(0)).resume();

function listener(handle) {
  if (!tls) return createServer(handle);
  // The provider says what is wrong with a certificate, so the connection does not.
  return createSecureServer({ ...tls, requestCert: true, rejectUnauthorized: false }, handle);
}

// What the provider calls a client's keys (RFC 7517): those that sign, and the certificates that it knows.
function keys({ public_key: key, certificate, kid }) {
  if (certificate) {
    const known = new X509Certificate(certificate);
    return [{ ...known.publicKey.export({ format: 'jwk' }), x5c: [known.raw.toString('base64')] }];
  }
  return key ? [{ ...createPublicKey(key).export({ format: 'jwk' }), kid, use: 'sig' }] : [];
}

function registered({ public_key: key, certificate, kid, ...client }) {
  const known = keys({ public_key: key, certificate, kid });
  return known.length ? { ...client, jwks: { keys: known } } : client;
}

function configuration() {
  return {
    clients: clients.map(registered).map((client) => ({
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
      ...client,
    })),
    scopes: [...new Set(clients.flatMap((client) => (client.scope ?? '').split(' ').filter(Boolean)))],
    cookies: { keys: [randomBytes(16).toString('hex')] },
    jwks: { keys: [signingKey()] },
    ttl: { ClientCredentials: lifetime },
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      ...(tls ? ['tls_client_auth', 'self_signed_tls_client_auth'] : []),
      'none',
    ],
    enabledJWA: {
      clientAuthSigningAlgValues: ['HS256', 'HS384', 'HS512', 'RS256', 'PS256', 'ES256', 'EdDSA'],
    },
    features: {
      mTLS: {
        enabled: Boolean(tls),
        tlsClientAuth: true,
        selfSignedTlsClientAuth: true,
        getCertificate: ({ socket }) => socket.getPeerX509Certificate(),
        certificateAuthorized: ({ socket }) => socket.authorized,
        certificateSubjectMatches: ({ socket }, property, expected) =>
          property === 'tls_client_auth_subject_dn'
          && `CN=${socket.getPeerCertificate().subject.CN}` === expected,
      },
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      revocation: { enabled: true },
      // RFC 8707: a token for a named resource is a signed JWT; without one it is opaque.
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource, client) => ({
          accessTokenFormat: 'jwt',
          accessTokenTTL: lifetime,
          audience: resource,
          jwt: { sign: { alg: 'ES256' } },
          scope: client.scope ?? '',
        }),
      },
    },
  };
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'test' };
}
