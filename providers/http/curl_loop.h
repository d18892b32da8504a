// The one thread that owns the multi handle.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <curl/curl.h>

#include "providers/http/socket_watch.h"
#include "providers/http/transfer.h"
#include "providers/http/transfer_queue.h"

namespace imglife {

// Thread safety: any number of threads may call.
class CurlLoop {
 public:
  explicit CurlLoop(const TransportSettings& settings);
  // Ends transfers that still run.
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  void Start(std::shared_ptr<Transfer> transfer);
  // There is room or there are bytes again.
  void Resume(std::shared_ptr<Transfer> transfer);
  void Cancel(std::shared_ptr<Transfer> transfer);

 private:
  enum class Order { kStart, kResume, kCancel };
  struct Command {
    Order order;
    std::shared_ptr<Transfer> transfer;
  };

  static int OnSocket(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
  static int OnTimer(CURLM* multi, long milliseconds, void* self);

  void Give(Command command);
  void Run();
  absl::Duration LongestWait() const;
  // False once the loop is to end.
  bool Obey();
  void Carry(const Command& command);
  void Begin(std::shared_ptr<Transfer> transfer);
  void RunTimer();
  void CollectEnded();
  void EndStalled();
  void Remove(Transfer& transfer);

  const absl::Duration stall_timeout_;
  const absl::Duration stall_check_;
  SocketWatch watch_;
  CURLM* multi_;
  TransferQueue queue_;
  std::map<Transfer*, std::shared_ptr<Transfer>> running_;
  // When curl wants to be called though nothing happened.
  SteadyTime timer_ = SteadyTime::max();
  SteadyTime next_stall_check_;

  std::mutex mutex_;
  std::vector<Command> commands_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace imglife
