import { Button, type ButtonProps } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactElement, ReactNode } from 'react';

interface DialogButtonProps extends Omit<ButtonProps, 'children'> {
  readonly label: string;
  /** What it is called where the label alone would not say what of. */
  readonly name?: string;
  /** The dialog, rendered while it is open. */
  readonly children: (onClose: () => void) => ReactNode;
}

/** A button, and the dialog that it opens. */
export function DialogButton({ label, name, children, ...button }: DialogButtonProps): ReactElement {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button
        variant="default"
        {...button}
        aria-haspopup="dialog"
        {...(name === undefined ? {} : { 'aria-label': name })}
        onClick={open}
      >
        {label}
      </Button>
      {opened && children(close)}
    </>
  );
}
