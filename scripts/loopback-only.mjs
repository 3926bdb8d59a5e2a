/** Preloaded into a server that would listen on every network interface: makes it listen on loopback. */
import { Server } from 'node:net';

const listen = Server.prototype.listen;

/** @param {any[]} args */
Server.prototype.listen = function (...args) {
  const [first, ...rest] = args;
  const byPort = typeof first === 'number' || (typeof first === 'string' && /^\d+$/.test(first));
  return Reflect.apply(listen, this, byPort ? [{ port: Number(first), host: '127.0.0.1' }, rest.at(-1)] : args);
};
