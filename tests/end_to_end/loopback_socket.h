// TCP on 127.0.0.1, for servers of tests that look at bytes.
#pragma once

namespace imglife {

// Throws std::runtime_error (which fails the test) if there is no free port.
int ListenOnLoopback();

// What a socket listens at.
int PortOf(int listener);

// The socket, or -1 if nobody listens there.
int ConnectToLoopback(int port);

}  // namespace imglife
