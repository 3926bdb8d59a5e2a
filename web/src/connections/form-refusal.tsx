// What was refused of a form, where no field of it says so itself.
import { Alert } from '@mantine/core';

export function FormRefusal({ title, message }: { title: string; message: string | undefined }) {
  if (message === undefined) return null;
  return (
    <Alert color="red" role="alert" mt="lg" title={title}>
      {message}
    </Alert>
  );
}
