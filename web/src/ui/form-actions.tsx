// The buttons below a form: the last one is what the form is for.
import type { ReactNode } from 'react';
import classes from './form-actions.module.css';

export function FormActions({ children }: { children: ReactNode }) {
  return <div className={classes.actions}>{children}</div>;
}
