#include "providers/http/transfer_queue.h"

#include <algorithm>
#include <utility>

#include "providers/http/transfer.h"

namespace imglife {

bool TransferQueue::Enter(std::shared_ptr<Transfer> transfer) {
  Host& host = hosts_[transfer->host()];
  if (host.running < most_) {
    ++host.running;
    return true;
  }
  host.waiting.push_back(std::move(transfer));
  return false;
}

std::shared_ptr<Transfer> TransferQueue::Leave(const Transfer& transfer) {
  Host& host = hosts_[transfer.host()];
  if (host.waiting.empty()) {
    --host.running;
    return nullptr;
  }
  std::shared_ptr<Transfer> next = std::move(host.waiting.front());
  host.waiting.pop_front();
  return next;
}

bool TransferQueue::Withdraw(const Transfer& transfer) {
  auto& waiting = hosts_[transfer.host()].waiting;
  const auto at = std::find_if(waiting.begin(), waiting.end(),
                               [&](const auto& other) { return other.get() == &transfer; });
  if (at == waiting.end()) return false;
  waiting.erase(at);
  return true;
}

std::vector<std::shared_ptr<Transfer>> TransferQueue::WithdrawAll() {
  std::vector<std::shared_ptr<Transfer>> all;
  for (auto& [name, host] : hosts_) {
    std::move(host.waiting.begin(), host.waiting.end(), std::back_inserter(all));
    host.waiting.clear();
  }
  return all;
}

}  // namespace imglife
