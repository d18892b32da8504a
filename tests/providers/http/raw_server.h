// A server that can do what no well-behaved one does: it accepts connections one after the other
// and leaves the bytes to the test.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace imglife {

class RawServer {
 public:
  // Called for each connection, with its number from 0 and its descriptor, on one thread; the
  // connection is closed when it returns.
  using Handler = std::function<void(int connection, int fd)>;

  explicit RawServer(Handler handler);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  // "http://127.0.0.1:PORT".
  std::string url() const;

  // Reads up to the empty line behind a request's head.
  static std::string ReadHead(int fd);
  // False if the other side is gone.
  static bool Write(int fd, const std::string& bytes);
  // Waits until the other side closes; what it sends meanwhile is dropped.
  static void AwaitClose(int fd);
  // Makes the close a reset.
  static void ResetOnClose(int fd);

 private:
  int listener_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace imglife
