// The consent page: the question, the way out after the answer, or why there is nothing to answer.
import { getRouteApi } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { useEffect, useState } from 'react';
import { graphql } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { usePageQuery } from '../graphql/use-page-query.ts';
import { focusHeading } from '../ui/focus-heading.ts';
import { NarrowPage } from '../ui/narrow-page.tsx';
import { Failure, ListSkeleton } from '../ui/states.tsx';
import { AwaitingProvider } from './awaiting-provider.tsx';
import { ChangedClient, ClosedRequest } from './closed-request.tsx';
import { ConsentRequest, ConsentRequest_request } from './consent-request.tsx';
import type { Decision } from './decide.ts';
import { Leaving } from './leaving.tsx';
import { isAnswerTo } from './redirect-target.ts';
import { SignInAgain } from './sign-in-again.tsx';
import { question as texts } from './texts.tsx';

const Consent = graphql(
  `
    query Consent($id: String!) {
      authorizationRequest(id: $id) {
        id
        status
        expiresAt
        redirectUri
        signInRequired
        ...ConsentRequest_request
      }
    }
  `,
  [ConsentRequest_request],
);

export const loadConsent = (client: Client, id: string) => load(client, Consent, { id });

const route = getRouteApi('/consent/$id');

export function ConsentPage() {
  const { id } = route.useParams();
  const { user } = route.useRouteContext();
  const { data, error, refresh } = usePageQuery(Consent, { id });
  const [answer, setAnswer] = useState<{ decision: Decision; allowed: boolean }>();
  const answered = answer !== undefined && answer.decision.is !== 'refused';

  // The button that was pressed is gone; what came of it is the page now.
  useEffect(() => {
    if (answered) focusHeading();
  }, [answered]);

  // Brought back by the browser's back button, whole, with what was decided in it: asked again what became of the request.
  useEffect(() => {
    const onShow = (event: PageTransitionEvent) => {
      if (!event.persisted) return;
      setAnswer(undefined);
      refresh();
    };
    window.addEventListener('pageshow', onShow);
    return () => window.removeEventListener('pageshow', onShow);
  }, [refresh]);

  // The question closes by itself when its time is over.
  const expiresAt = data?.authorizationRequest?.expiresAt;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!expiresAt) return;
    const timer = setTimeout(() => setNow(Date.now()), Math.max(0, Date.parse(expiresAt) - Date.now()) + 50);
    return () => clearTimeout(timer);
  }, [expiresAt]);

  return <NarrowPage size="34rem">{content()}</NarrowPage>;

  function content() {
    // The answer first: a refresh behind it would say "already decided" to the one who has just decided.
    if (answer?.decision.is === 'decided') {
      const { redirectTo } = answer.decision;
      const toProvider = answer.allowed && !isAnswerTo(redirectTo, data?.authorizationRequest?.redirectUri);
      return <Leaving redirectTo={redirectTo} allowed={answer.allowed} toProvider={toProvider} />;
    }
    if (answer?.decision.is === 'closed') return <ClosedRequest status={answer.decision.status} />;
    if (answer?.decision.is === 'changed') {
      // Loaded anew as a whole: between an old question and a new one there must be no moment in which a click means the new.
      return <ChangedClient onLook={() => location.reload()} />;
    }
    if (answer?.decision.is === 'unknown') return <ClosedRequest status="UNKNOWN" />;
    if (!data) {
      return error ? <Failure title={texts.loading} error={error} retry={refresh} /> : <ListSkeleton rows={1} />;
    }
    const request = data.authorizationRequest;
    if (!request) return <ClosedRequest status="UNKNOWN" />;
    if (request.status === 'AWAITING_PROVIDER') {
      return (
        <AwaitingProvider
          requestId={request.id}
          refusal={answer?.decision.is === 'refused' ? answer.decision.message : undefined}
          onDecision={(decision) => setAnswer({ decision, allowed: true })}
        />
      );
    }
    if (request.status !== 'PENDING') return <ClosedRequest status={request.status} />;
    if (Date.parse(request.expiresAt) <= now) return <ClosedRequest status="EXPIRED" />;
    if (request.signInRequired) return <SignInAgain />;
    return (
      <ConsentRequest
        request={request}
        user={user}
        refusal={answer?.decision.is === 'refused' ? answer.decision.message : undefined}
        onDecision={(decision, allowed) => setAnswer({ decision, allowed })}
      />
    );
  }
}
