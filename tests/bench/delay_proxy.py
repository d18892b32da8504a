#!/usr/bin/python3
"""Carries TCP connections to a server on loopback as if it were far away.

    delay_proxy.py DELAY_MS HOST:PORT

Listens on a free port of 127.0.0.1 and prints it. Every chunk, and the end of each direction, leaves DELAY_MS after it came, so a
request and its answer take twice that longer; the first bytes of a connection wait for one round trip more, as they would for
TCP's handshake. Bandwidth is not limited: at most WINDOW bytes are on their way in a direction.
"""
import asyncio
import sys

CHUNK = 256 << 10
WINDOW = 64 << 20


class Direction:
    """Bytes from `reader` to `writer`, each `delay` seconds late and none before `not_before`."""

    def __init__(self, reader, writer, delay, not_before):
        self.reader, self.writer, self.delay, self.not_before = reader, writer, delay, not_before
        self.on_the_way = asyncio.Queue(WINDOW // CHUNK)

    async def run(self):
        receiving = asyncio.ensure_future(self.receive())
        try:
            await self.deliver()
        except ConnectionError:
            pass
        finally:
            receiving.cancel()
            self.writer.close()

    async def receive(self):
        clock = asyncio.get_running_loop().time
        while True:
            try:
                chunk = await self.reader.read(CHUNK)
            except ConnectionError:
                chunk = b""
            await self.on_the_way.put((max(clock() + self.delay, self.not_before), chunk))
            if not chunk:
                return

    async def deliver(self):
        clock = asyncio.get_running_loop().time
        while True:
            due, chunk = await self.on_the_way.get()
            if due > clock():
                await asyncio.sleep(due - clock())
            if not chunk:
                self.writer.write_eof()
                await self.writer.drain()
                # The other direction may still be on its way.
                await asyncio.sleep(2 * self.delay)
                return
            self.writer.write(chunk)
            await self.writer.drain()


def carrier(delay, host, port):
    async def carry(client_reader, client_writer):
        opened = asyncio.get_running_loop().time()
        try:
            server_reader, server_writer = await asyncio.open_connection(host, port)
        except OSError as error:
            print(f"delay_proxy.py: {host}:{port}: {error}", file=sys.stderr)
            client_writer.close()
            return
        await asyncio.gather(
            Direction(client_reader, server_writer, delay, opened + 3 * delay).run(),
            Direction(server_reader, client_writer, delay, opened).run(), return_exceptions=True)
    return carry


async def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    host, port = sys.argv[2].rsplit(":", 1)
    server = await asyncio.start_server(carrier(float(sys.argv[1]) / 1000, host, int(port)), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
