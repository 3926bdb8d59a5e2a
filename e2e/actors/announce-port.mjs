/** Preloaded into an upstream: it listens on loopback whatever it asks for, and tells the test on which port. */
import { Server } from 'node:net';

process.once('disconnect', () => process.exit()); // the test is gone

const listen = Server.prototype.listen;

/** @param {any[]} args */
Server.prototype.listen = function (...args) {
  this.once('listening', () => {
    const address = this.address();
    if (address && typeof address === 'object') process.send?.({ port: address.port });
  });
  return Reflect.apply(listen, this, [{ port: 0, host: '127.0.0.1' }, args.at(-1)]);
};
