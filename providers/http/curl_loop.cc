#include "providers/http/curl_loop.h"

#include <algorithm>
#include <utility>

namespace imglife {
namespace {

void InitialiseCurl() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(initialised);
}

}  // namespace

CurlLoop::CurlLoop(const TransportSettings& settings) : stall_timeout_(settings.stall_timeout) {
  InitialiseCurl();
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS,
                    static_cast<long>(settings.max_connections_per_host));
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS,
                    static_cast<long>(4 * settings.max_connections_per_host));
  thread_ = std::thread([this] { Run(); });
}

CurlLoop::~CurlLoop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  curl_multi_wakeup(multi_);
  thread_.join();
  curl_multi_cleanup(multi_);
}

void CurlLoop::Start(std::shared_ptr<Transfer> transfer) {
  Give({Order::kStart, std::move(transfer)});
}

void CurlLoop::Resume(std::shared_ptr<Transfer> transfer) {
  Give({Order::kResume, std::move(transfer)});
}

void CurlLoop::Cancel(std::shared_ptr<Transfer> transfer) {
  Give({Order::kCancel, std::move(transfer)});
}

void CurlLoop::Give(Command command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
  }
  curl_multi_wakeup(multi_);
}

void CurlLoop::Run() {
  const auto wait = static_cast<int>(
      std::clamp<std::int64_t>(absl::ToInt64Milliseconds(stall_timeout_ / 4), 10, 1000));
  while (true) {
    Obey();
    {
      const std::lock_guard lock(mutex_);
      if (ending_) break;
    }
    int still_running = 0;
    curl_multi_perform(multi_, &still_running);
    CollectEnded();
    EndStalled();
    curl_multi_poll(multi_, nullptr, 0, wait, nullptr);
  }
  for (const auto& [raw, transfer] : running_) {
    curl_multi_remove_handle(multi_, raw->easy());
    transfer->FinishWith(absl::CancelledError("the program ends"));
  }
  running_.clear();
}

void CurlLoop::Obey() {
  std::vector<Command> commands;
  {
    const std::lock_guard lock(mutex_);
    commands.swap(commands_);
  }
  for (const Command& command : commands) Carry(command);
}

void CurlLoop::Carry(const Command& command) {
  Transfer& transfer = *command.transfer;
  switch (command.order) {
    case Order::kStart:
      running_[&transfer] = command.transfer;
      curl_multi_add_handle(multi_, transfer.easy());
      break;
    case Order::kResume:
      if (running_.count(&transfer) > 0) transfer.Resume();
      break;
    case Order::kCancel:
      if (running_.count(&transfer) == 0) break;
      transfer.FinishWith(absl::CancelledError("nobody waits for it any more"));
      Remove(transfer);
      break;
  }
}

void CurlLoop::CollectEnded() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    void* self = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self);
    auto& transfer = *static_cast<Transfer*>(self);
    transfer.Finish(code);
    Remove(transfer);
  }
}

void CurlLoop::EndStalled() {
  const absl::Time now = absl::Now();
  std::vector<Transfer*> stalled;
  for (const auto& [raw, transfer] : running_) {
    if (transfer->Stalled(now)) stalled.push_back(raw);
  }
  for (Transfer* transfer : stalled) {
    transfer->FinishStalled();
    Remove(*transfer);
  }
}

void CurlLoop::Remove(Transfer& transfer) {
  curl_multi_remove_handle(multi_, transfer.easy());
  running_.erase(&transfer);
}

}  // namespace imglife
