// A real authorization server for the tests: oidc-provider, on a free port of the loopback interface.
//
// Reads its options as JSON from the environment variable OIDC_TEST_OPTIONS:
//   clients   [{ client_id, client_secret, token_endpoint_auth_method, scope }]
//   delay_ms  how long each token request waits before the provider sees it (default 0)
//   lifetime  of a token, in seconds (default 900)
// Prints `ready <issuer>` once it listens. Ends when its standard input ends, so that it cannot outlive the test.
// `GET /__count` answers how many token requests came in.

import { createServer } from 'node:http';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import Provider from 'oidc-provider';

// Whoever started us reads one line and no more: a remark of the provider after that would end us.
console.info = console.error;

const { clients, delay_ms: delay = 0, lifetime = 900 } = JSON.parse(process.env.OIDC_TEST_OPTIONS);

let provider;
let count = 0;

const server = createServer(async (request, response) => {
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
  const issuer = `http://127.0.0.1:${server.address().port}`;
  provider = new Provider(issuer, configuration()).callback();
  console.log(`ready ${issuer}`);
});

process.stdin.on('end', () => process.exit(0)).resume();

function configuration() {
  return {
    clients: clients.map((client) => ({
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
    features: {
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
