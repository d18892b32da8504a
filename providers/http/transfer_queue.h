// Which transfers run and which wait because their host has enough of them.
//
// libcurl's own limit (CURLMOPT_MAX_HOST_CONNECTIONS) wakes one waiting transfer for each that
// ends, whichever host either is of (7.88.1, process_pending_handles): a host with room can be left
// with transfers that nothing starts any more, and a copy whose two ends wait for each other then
// waits for ever.
//
// Thread safety: none; it belongs to the loop's thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace imglife {

class Transfer;

class TransferQueue {
 public:
  // `most`: transfers of one host (name and port) that run at once.
  explicit TransferQueue(int most) : most_(most) {}

  // True if it is to start now; else it waits for its turn.
  bool Enter(std::shared_ptr<Transfer> transfer);
  // One that had started has ended. Returns the one of its host that is to start now, if any waits.
  std::shared_ptr<Transfer> Leave(const Transfer& transfer);
  // It won't start any more. False if it doesn't wait.
  bool Withdraw(const Transfer& transfer);
  // Those that wait, by host and in the order in which they came; none does afterwards.
  std::vector<std::shared_ptr<Transfer>> WithdrawAll();

 private:
  struct Host {
    int running = 0;
    std::deque<std::shared_ptr<Transfer>> waiting;
  };

  const int most_;
  std::map<std::string, Host> hosts_;
};

}  // namespace imglife
