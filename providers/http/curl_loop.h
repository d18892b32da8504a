// The one thread that owns the multi handle.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <curl/curl.h>

#include "providers/http/transfer.h"

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

  void Give(Command command);
  void Run();
  void Obey();
  void Carry(const Command& command);
  void CollectEnded();
  void EndStalled();
  void Remove(Transfer& transfer);

  const absl::Duration stall_timeout_;
  CURLM* multi_;
  std::map<Transfer*, std::shared_ptr<Transfer>> running_;

  std::mutex mutex_;
  std::vector<Command> commands_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace imglife
