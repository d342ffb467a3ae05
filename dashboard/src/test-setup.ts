// Tests of logic ask no server: what the page would ask at its start is answered with nothing.

globalThis.fetch = () => Promise.reject(new TypeError("no server in tests of logic"));
