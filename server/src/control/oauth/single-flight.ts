/** Sharing one piece of work among all who ask for the same thing at the same moment. */

type Flights<T> = { running: Promise<T>; next: Promise<T> | null };

/**
 * Runs `work` for a key. Who asks while a run is under way does not get that run's answer, which may be older than the question (a
 * revocation may have been acknowledged in between), but shares the next run with all others who wait. Nothing is kept afterwards.
 */
export function singleFlight<T>(): (key: string, work: () => Promise<T>) => Promise<T> {
  const flights = new Map<string, Flights<T>>();
  const begin = (key: string, work: () => Promise<T>): Promise<T> => {
    const flight: Flights<T> = { running: work(), next: null };
    flights.set(key, flight);
    const land = (): void => {
      // A next run has replaced this flight by then.
      if (flight.next === null) flights.delete(key);
    };
    flight.running.then(land, land);
    return flight.running;
  };
  return (key, work) => {
    const flight = flights.get(key);
    if (!flight) return begin(key, work);
    const again = (): Promise<T> => begin(key, work);
    flight.next ??= flight.running.then(again, again);
    return flight.next;
  };
}
