import { readFileSync } from 'node:fs';
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { mustSay, needOf } from './needs.ts';
import { READABLE_TYPES } from './node.ts';
import { printedSchema, SCHEMA_FILE } from './print.ts';
import { schema } from './schema.ts';

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
);

test('the committed schema is the printed one: `node src/control/graphql/print.ts` writes it', () => {
  expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(printedSchema());
});

type Part = [name: string, description: string | null | undefined];

/** What a type is made of, down to the arguments of its fields, each with its description. */
function partsOf(type: GraphQLNamedType): Part[] {
  const part =
    (owner: string) =>
    (one: { name: string; description?: string | null | undefined }): Part => [`${owner}.${one.name}`, one.description];
  if (isEnumType(type)) return type.getValues().map(part(type.name));
  if (isInputObjectType(type)) return Object.values(type.getFields()).map(part(type.name));
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  const fields = Object.values(type.getFields());
  return [
    ...fields.map(part(type.name)),
    ...fields.flatMap((field) => field.args.map(part(`${type.name}.${field.name}`))),
  ];
}

describe('descriptions', () => {
  test('every type has one', () => {
    expect(types.filter((type) => !type.description).map(({ name }) => name)).toEqual([]);
  });

  test('so have every field, argument, input field and enum value', () => {
    const silent = types.flatMap((type) => partsOf(type)).filter(([, description]) => !description?.trim());
    expect(silent.map(([name]) => name)).toEqual([]);
  });

  test('none is the name over again', () => {
    const letters = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
    const echoes = types
      .flatMap((type) => partsOf(type))
      .filter(([name, description]) => letters(name.split(/[.(]/).at(-1) ?? '') === letters(description ?? ''));
    expect(echoes.map(([name]) => name)).toEqual([]);
  });
});

test('#248 no field has the name of a secret', () => {
  const secret = /secret|hash|sealed|token(?!Families)|password|cipher|codeChallenge|verifier/i;
  // The second is what the person asked for, told once.
  const allowed = [
    'RevocationReceipt.refreshTokens',
    'ConnectTokenMintPayload.token',
    'Mutation.connectTokenMint',
    'Mutation.userPasswordResetLink',
  ];
  const found = types
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .flatMap((type) => Object.keys(type.getFields()).map((name) => `${type.name}.${name}`))
    .filter((name) => secret.test(name.split('.')[1] ?? '') && !allowed.includes(name));
  expect(found).toEqual([]);
});

test('#243 no input names what only the server decides', () => {
  // Whom an administrator acts on, and which role somebody is given: decided by people, judged by the acts.
  const named = new Set([
    'MemberInviteInput.role',
    'MemberSetRoleInput.role',
    'UserEraseInput.userId',
    'UserPasswordResetLinkInput.userId',
    'UserSetRoleInput.role',
    'UserSetRoleInput.userId',
    'UserUnblockInput.userId',
  ]);
  const decided = /^(userId|status|revokedAt|revokedBy|role|ownerUserId|createdAt|routeKey)$/;
  const found = types
    .filter(isInputObjectType)
    .flatMap((type) => Object.keys(type.getFields()).map((name) => `${type.name}.${name}`))
    .filter((name) => decided.test(name.split('.')[1] ?? '') && !named.has(name));
  expect(found).toEqual([]);
});

test('every node type is guarded where `node` opens it', () => {
  const node = schema.getType('Node');
  if (!isInterfaceType(node)) throw new Error('Node is an interface');
  expect(
    schema
      .getPossibleTypes(node)
      .map(({ name }) => name)
      .sort(),
  ).toEqual([...READABLE_TYPES].sort());
});

test('every way in says what an API key needs for it: needs(…), anyKey or noKey of needs.ts', () => {
  const silent = types
    .filter(isObjectType)
    .filter((type) => mustSay(type) && needOf(type) === undefined)
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => needOf(field) === undefined)
        .map((field) => `${type.name}.${field.name}`),
    );
  expect(silent).toEqual([]);
});

test('every mutation takes one input and answers with a union of its payload and refusals', () => {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const name = field.name.charAt(0).toUpperCase() + field.name.slice(1);
    expect(field.args.map((argument) => `${argument.name}: ${argument.type}`)).toEqual([`input: ${name}Input!`]);
    expect(String(field.type)).toBe(`${name}Result!`);
    const result = schema.getType(`${name}Result`);
    if (!isUnionType(result)) throw new Error(`${name}Result is a union`);
    for (const member of result.getTypes()) {
      const isError = member.getInterfaces().some((face) => face.name === 'Error');
      expect(isError || member.name === `${name}Payload`, `${result} has ${member}`).toBe(true);
    }
  }
});

test('enum values are in capitals', () => {
  const values = types.filter(isEnumType).flatMap((type) => type.getValues().map(({ name }) => name));
  expect(values.filter((name) => !/^[A-Z_]+$/.test(name))).toEqual([]);
});
