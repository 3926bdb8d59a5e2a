// The fields of the pages around accounts.
import { PasswordInput, TextInput } from '@mantine/core';
import { texts } from './texts.ts';

export const EmailField = ({ defaultValue }: { defaultValue?: string }) => (
  <TextInput
    name="email"
    type="email"
    label={texts.email}
    autoComplete="username"
    defaultValue={defaultValue}
    required
    withAsterisk={false}
  />
);

export const PasswordField = ({ name = 'password', label = texts.password }: { name?: string; label?: string }) => (
  <PasswordInput name={name} label={label} autoComplete="current-password" required withAsterisk={false} />
);

export const NewPasswordField = ({ name = 'password', label = texts.password }: { name?: string; label?: string }) => (
  <PasswordInput
    name={name}
    label={label}
    description={texts.passwordRule}
    autoComplete="new-password"
    minLength={8}
    maxLength={128}
    required
    withAsterisk={false}
  />
);
