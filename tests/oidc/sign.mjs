// Signs a token in every way that a server may, with keys of its own: an implementation beside ours.
// Prints { keys: [a JWK each], tokens: { name: token } }; each key has the name of its algorithm as `kid`.

import { createHmac, generateKeyPairSync, sign, constants } from 'node:crypto';

const rsa = { kind: 'rsa', options: { modulusLength: 2048 } };
const WAYS = {
  RS256: { ...rsa, hash: 'sha256' },
  RS384: { ...rsa, hash: 'sha384' },
  RS512: { ...rsa, hash: 'sha512' },
  PS256: { ...rsa, hash: 'sha256', pss: true },
  PS384: { ...rsa, hash: 'sha384', pss: true },
  PS512: { ...rsa, hash: 'sha512', pss: true },
  ES256: { kind: 'ec', options: { namedCurve: 'P-256' }, hash: 'sha256' },
  ES384: { kind: 'ec', options: { namedCurve: 'P-384' }, hash: 'sha384' },
  EdDSA: { kind: 'ed25519', options: {}, hash: null },
};

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const claims = { iss: 'https://idp.example', sub: 'me', aud: ['api', 'other'], scope: 'read', iat: now - 60, exp: now + 840 };
const keys = [];
const tokens = {};

for (const [alg, { kind, options, hash, pss }] of Object.entries(WAYS)) {
  const { publicKey, privateKey } = generateKeyPairSync(kind, options);
  const message = `${part({ alg, kid: alg, typ: 'at+jwt' })}.${part(claims)}`;
  const padding = pss ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363', ...padding };
  tokens[alg] = `${message}.${sign(hash, Buffer.from(message), key).toString('base64url')}`;
  keys.push({ ...publicKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg });
  if (alg === 'RS256') {
    // The public key, in each form that somebody could have taken for a secret.
    const forms = {
      pem: publicKey.export({ type: 'spki', format: 'pem' }),
      der: publicKey.export({ type: 'spki', format: 'der' }),
      n: Buffer.from(publicKey.export({ format: 'jwk' }).n, 'base64url'),
    };
    for (const [form, secret] of Object.entries(forms)) {
      const forged = `${part({ alg: 'HS256', kid: alg })}.${part(claims)}`;
      tokens[`confused-${form}`] = `${forged}.${createHmac('sha256', secret).update(forged).digest('base64url')}`;
    }
    const [, payload, signature] = tokens[alg].split('.');
    tokens['other-algorithm'] = `${part({ alg: 'ES256', kid: alg })}.${payload}.${signature}`;
    tokens['changed'] = `${tokens[alg].split('.')[0]}.${part({ ...claims, sub: 'you' })}.${signature}`;
    tokens['unknown-key'] = `${part({ alg, kid: 'other' })}.${payload}.${signature}`;
    tokens['critical'] = `${part({ alg, kid: alg, crit: ['b64'], b64: false })}.${payload}.${signature}`;
  }
}
tokens['none'] = `${part({ alg: 'none' })}.${part(claims)}.`;
tokens['None'] = `${part({ alg: 'None' })}.${part(claims)}.`;
tokens['no-algorithm'] = `${part({ typ: 'JWT' })}.${part(claims)}.AAAA`;

console.log(JSON.stringify({ keys, tokens }));
