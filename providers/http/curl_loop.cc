#include "providers/http/curl_loop.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace imglife {
namespace {

void InitialiseCurl() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(initialised);
}

absl::Status NobodyWaits() {
  return absl::CancelledError("nobody waits for it any more");
}

int SelectBits(const SocketWatch::Ready& ready) {
  return (ready.read ? CURL_CSELECT_IN : 0) | (ready.write ? CURL_CSELECT_OUT : 0) |
         (ready.error ? CURL_CSELECT_ERR : 0);
}

}  // namespace

CurlLoop::CurlLoop(const TransportSettings& settings)
    : stall_timeout_(settings.stall_timeout),
      stall_check_(
          std::clamp(settings.stall_timeout / 4, absl::Milliseconds(10), absl::Seconds(1))),
      queue_(settings.max_connections_per_host),
      next_stall_check_(SteadyNow() + absl::ToChronoNanoseconds(stall_check_)) {
  InitialiseCurl();
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::OnSocket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::OnTimer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS,
                    static_cast<long>(4 * settings.max_connections_per_host));
  thread_ = std::thread([this] { Run(); });
}

CurlLoop::~CurlLoop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  watch_.Wake();
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
  watch_.Wake();
}

int CurlLoop::OnSocket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  static_cast<CurlLoop*>(self)->watch_.Watch(socket,
                                             what == CURL_POLL_IN || what == CURL_POLL_INOUT,
                                             what == CURL_POLL_OUT || what == CURL_POLL_INOUT);
  return 0;
}

int CurlLoop::OnTimer(CURLM*, long milliseconds, void* self) {
  static_cast<CurlLoop*>(self)->timer_ =
      milliseconds < 0 ? SteadyTime::max() : SteadyNow() + std::chrono::milliseconds(milliseconds);
  return 0;
}

void CurlLoop::Run() {
  while (Obey()) {
    RunTimer();
    CollectEnded();
    EndStalled();
    for (const SocketWatch::Ready& ready : watch_.Wait(LongestWait())) {
      int still_running = 0;
      curl_multi_socket_action(multi_, ready.socket, SelectBits(ready), &still_running);
    }
    CollectEnded();
  }
  for (const auto& [raw, transfer] : running_) {
    curl_multi_remove_handle(multi_, raw->easy());
    transfer->FinishWith(absl::CancelledError("the program ends"));
  }
  running_.clear();
  for (const auto& transfer : queue_.WithdrawAll()) {
    transfer->FinishWith(absl::CancelledError("the program ends"));
  }
}

absl::Duration CurlLoop::LongestWait() const {
  return absl::FromChrono(std::min(timer_, next_stall_check_) - SteadyNow());
}

bool CurlLoop::Obey() {
  std::vector<Command> commands;
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return false;
    commands.swap(commands_);
  }
  for (const Command& command : commands) Carry(command);
  return true;
}

void CurlLoop::Carry(const Command& command) {
  Transfer& transfer = *command.transfer;
  switch (command.order) {
    case Order::kStart:
      if (queue_.Enter(command.transfer)) Begin(command.transfer);
      break;
    case Order::kResume:
      if (running_.count(&transfer) > 0) transfer.Resume();
      break;
    case Order::kCancel:
      if (queue_.Withdraw(transfer)) {
        transfer.FinishWith(NobodyWaits());
      } else if (running_.count(&transfer) > 0) {
        transfer.FinishWith(NobodyWaits());
        Remove(transfer);
      }
      break;
  }
}

void CurlLoop::RunTimer() {
  if (timer_ > SteadyNow()) return;
  timer_ = SteadyTime::max();
  int still_running = 0;
  curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &still_running);
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
  const SteadyTime now = SteadyNow();
  if (now < next_stall_check_) return;
  next_stall_check_ = now + absl::ToChronoNanoseconds(stall_check_);
  std::vector<std::pair<Transfer*, absl::Status>> stalled;
  for (const auto& [raw, transfer] : running_) {
    if (auto why = transfer->Stalled(now)) stalled.emplace_back(raw, *std::move(why));
  }
  for (auto& [transfer, why] : stalled) {
    transfer->FinishWith(std::move(why));
    Remove(*transfer);
  }
}

void CurlLoop::Begin(std::shared_ptr<Transfer> transfer) {
  transfer->Begin();
  const CURLMcode added = curl_multi_add_handle(multi_, transfer->easy());
  if (added == CURLM_OK) {
    running_[transfer.get()] = std::move(transfer);
    return;
  }
  transfer->FinishWith(absl::InternalError(
      fmt::format("libcurl refuses to begin a request: {}", curl_multi_strerror(added))));
  if (std::shared_ptr<Transfer> next = queue_.Leave(*transfer)) Begin(std::move(next));
}

void CurlLoop::Remove(Transfer& transfer) {
  curl_multi_remove_handle(multi_, transfer.easy());
  std::shared_ptr<Transfer> next = queue_.Leave(transfer);
  running_.erase(&transfer);
  if (next != nullptr) Begin(std::move(next));
}

}  // namespace imglife
