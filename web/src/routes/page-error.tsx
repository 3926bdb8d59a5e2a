// The boundary of one page: the rest of the application stays usable.
import { useRouter } from '@tanstack/react-router';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure } from '../ui/states.tsx';
import { pageError as texts } from './texts.ts';

export function PageError({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <>
      <PageHeading title={texts.title} />
      <Failure title={texts.failed} error={error} retry={() => router.invalidate()} />
    </>
  );
}
