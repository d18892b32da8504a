#include "providers/http/transfer.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "schema/image/reference.h"

namespace imglife {
namespace {

// Two of them and curl's own buffers for each blob on its way: a few transfers at full speed need
// no more, and many must not need much together.
constexpr std::size_t kPipeBytes = std::size_t{256} << 10;
// The same for all handles: they are used again, whatever for.
constexpr long kReceiveBufferBytes = 64L << 10;
constexpr std::size_t kMaxHeadBytes = std::size_t{256} << 10;
// Of an answer that is an error, whatever the request wants to read (registry.md).
constexpr std::size_t kMaxErrorBytes = std::size_t{1} << 20;

bool Is2xx(int status) {
  return status >= 200 && status < 300;
}

bool HasHeader(const HttpRequest& request, std::string_view lower_case_name) {
  return std::any_of(request.headers.begin(), request.headers.end(), [&](const auto& header) {
    return std::equal(
        header.first.begin(), header.first.end(), lower_case_name.begin(), lower_case_name.end(),
        [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
  });
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

Transfer::Transfer(const HttpRequest& request, const HttpUrl& url,
                   const TransportSettings& settings, EasyHandles& handles, bool stream,
                   bool authorize)
    : url_(url),
      host_(url.Authority()),
      settings_(settings),
      stream_(stream),
      is_head_(request.method == "HEAD"),
      idempotent_(request.idempotent),
      max_body_(request.max_body),
      post_body_(request.body),
      handles_(handles),
      easy_(handles.Take()),
      body_(kPipeBytes),
      upload_(kPipeBytes),
      movement_(settings.stall_timeout) {
  SetUp(request, authorize);
}

Transfer::~Transfer() {
  handles_.GiveBack(easy_);
  curl_slist_free_all(headers_);
}

void Transfer::SetUp(const HttpRequest& request, bool authorize) {
  curl_easy_setopt(easy_, CURLOPT_URL, url_.text.c_str());
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_text_.data());
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE, kReceiveBufferBytes);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  if (url_.scheme == "https") curl_easy_setopt(easy_, CURLOPT_PIPEWAIT, 1L);
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, settings_.user_agent.c_str());
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(settings_.connect_timeout)));
  curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  // A name server that doesn't answer would hold up the thread of all transfers when this one ends
  // (7.88.1, Curl_resolver_kill).
  curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L);
  if (!settings_.ca_file.empty()) {
    curl_easy_setopt(easy_, CURLOPT_CAINFO, settings_.ca_file.c_str());
  }
  if (url_.scheme == "http" && !settings_.http_proxy.empty()) {
    curl_easy_setopt(easy_, CURLOPT_PROXY, settings_.http_proxy.c_str());
  }
  if (IsLoopbackHost(url_.host)) curl_easy_setopt(easy_, CURLOPT_PROXY, "");
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &Transfer::OnRequest);
  curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);

  // Waiting for "100 Continue" costs a round trip, and servers that don't know it a second.
  headers_ = curl_slist_append(headers_, "Expect:");
  for (const auto& [name, value] : request.headers) {
    headers_ = curl_slist_append(headers_, fmt::format("{}: {}", name, value).c_str());
  }
  if (authorize && !request.authorization.empty()) {
    headers_ = curl_slist_append(
        headers_, fmt::format("Authorization: {}", request.authorization.Reveal()).c_str());
  }
  SetUpBody(request);
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
}

void Transfer::SetUpBody(const HttpRequest& request) {
  if (is_head_) {
    curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request.upload != nullptr) {
    curl_easy_setopt(easy_, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy_, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.upload_size));
    curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &Transfer::OnUpload);
    curl_easy_setopt(easy_, CURLOPT_READDATA, this);
  } else if (!post_body_.empty() || request.method == "POST" || request.method == "PUT" ||
             request.method == "PATCH") {
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(post_body_.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, post_body_.data());
    // curl's own default would call it a form.
    if (!HasHeader(request, "content-type"))
      headers_ = curl_slist_append(headers_, "Content-Type:");
  }
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

int Transfer::OnRequest(void* self, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.movement_.Begin(SteadyNow());
  {
    const std::lock_guard lock(transfer.mutex_);
    transfer.sent_again_ = transfer.sent_;
    transfer.sent_ = true;
  }
  transfer.changed_.notify_all();
  return transfer.sent_again_ && !transfer.idempotent_ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

std::size_t Transfer::OnHeader(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view line(data, size * count);
  transfer.movement_.Moved(line.size(), SteadyNow());
  transfer.head_size_ += line.size();
  if (transfer.head_size_ > kMaxHeadBytes) {
    transfer.too_large_ = true;
    return 0;
  }
  transfer.TakeHeaderLine(line);
  return line.size();
}

void Transfer::TakeHeaderLine(std::string_view line) {
  if (head_complete_) return;  // trailers
  if (line.starts_with("HTTP/")) {
    response_.headers.clear();
    return;
  }
  if (line == "\r\n" || line == "\n") {
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    head_complete_ = status >= 200;
    // "102 Processing": a server that thinks long may say so.
    if (!head_complete_) movement_.GoOn(SteadyNow());
    if (!StreamsNow()) return;
    const std::lock_guard lock(mutex_);
    head_ready_ = true;
    changed_.notify_all();
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string name(Trim(line.substr(0, colon)));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  response_.headers.emplace(std::move(name), Trim(line.substr(colon + 1)));
}

bool Transfer::StreamsNow() const {
  return stream_ && Is2xx(response_.status);
}

std::size_t Transfer::OnBody(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<Transfer*>(self)->TakeBody({data, size * count});
}

std::size_t Transfer::TakeBody(std::string_view bytes) {
  movement_.Moved(bytes.size(), SteadyNow());
  if (StreamsNow()) {
    if (body_.TryWrite(bytes)) return bytes.size();
    receiving_paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  if (!Is2xx(response_.status)) {
    // What explains an error may be cut; an answer may not.
    const std::size_t room = std::min(max_body_, kMaxErrorBytes) - response_.body.size();
    response_.body.append(bytes.substr(0, room));
    error_is_cut_ = bytes.size() > room;
    return error_is_cut_ ? 0 : bytes.size();
  }
  if (response_.body.size() + bytes.size() > max_body_) {
    too_large_ = true;
    return 0;
  }
  response_.body.append(bytes);
  return bytes.size();
}

std::size_t Transfer::OnUpload(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const auto read = transfer.upload_.TryRead(data, size * count);
  if (!read.ok()) return CURL_READFUNC_ABORT;
  transfer.movement_.Moved(read->count, SteadyNow());
  if (read->count > 0 || read->end) return read->count;
  transfer.sending_paused_ = true;
  return CURL_READFUNC_PAUSE;
}

std::optional<absl::Status> Transfer::Stalled(SteadyTime now) const {
  if (receiving_paused_ || sending_paused_) return std::nullopt;
  switch (movement_.StallAt(now)) {
    case Stall::kNone:
      return std::nullopt;
    case Stall::kSilent:
      return absl::DeadlineExceededError(fmt::format("{} sent and took nothing for {}",
                                                     url_.Authority(),
                                                     absl::FormatDuration(movement_.silence())));
    case Stall::kDripping:
      return absl::UnavailableError(fmt::format("{} sent and took less than {} bytes in {}",
                                                url_.Authority(), Movement::kLeastBytes,
                                                absl::FormatDuration(movement_.drip())));
  }
  return std::nullopt;
}

void Transfer::Resume() {
  receiving_paused_ = false;
  sending_paused_ = false;
  movement_.GoOn(SteadyNow());
  curl_easy_pause(easy_, CURLPAUSE_CONT);
}

void Transfer::Begin() {
  const std::lock_guard lock(mutex_);
  outcome_.begun = absl::Now();
}

void Transfer::Finish(CURLcode code) {
  if (code == CURLE_WRITE_ERROR && error_is_cut_) return FinishWith(absl::OkStatus());
  if (code != CURLE_OK) return FinishWith(Explain(code));
  // curl takes a connection that is closed within the head for the end of an empty body.
  if (!head_complete_) return FinishWith(Explain(CURLE_GOT_NOTHING));
  // Only a proxy answers so (RFC 9110, 15.5.8).
  FinishWith(response_.status == 407 ? ProxyAnswered(407) : absl::OkStatus());
}

void Transfer::FinishWith(absl::Status status) {
  upload_.CloseReading();
  body_.CloseWriting(status);
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  ended_ = true;
  response_.url = url_.text;
  outcome_.status = std::move(status);
  outcome_.sent = sent_;
  outcome_.response = std::move(response_);
  changed_.notify_all();
}

bool Transfer::AwaitRequest() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_ || sent_; });
  return sent_;
}

bool Transfer::Ended() {
  const std::lock_guard lock(mutex_);
  return ended_;
}

Transfer::Outcome Transfer::Await() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_ || head_ready_; });
  if (!head_ready_) return std::move(outcome_);
  Outcome outcome;
  outcome.begun = outcome_.begun;
  outcome.streams = true;
  outcome.sent = true;
  // The head is complete: the loop's thread changes it no more, but moves it when the body ends.
  outcome.response = ended_ ? outcome_.response : response_;
  outcome.response.url = url_.text;
  return outcome;
}

absl::Status Transfer::ProxyAnswered(long status) const {
  return absl::UnavailableError(
      fmt::format("the proxy answered {} to a connection with {}", status, url_.Authority()));
}

absl::Status Transfer::Explain(CURLcode code) const {
  const std::string who = url_.Authority();
  long tunnel = 0;
  curl_easy_getinfo(easy_, CURLINFO_HTTP_CONNECTCODE, &tunnel);
  if (tunnel >= 300) return ProxyAnswered(tunnel);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return absl::UnavailableError(fmt::format("the host {} can't be found", url_.host));
    case CURLE_COULDNT_RESOLVE_PROXY:
      return absl::UnavailableError("the host of the proxy can't be found");
    case CURLE_COULDNT_CONNECT:
      if (std::string_view(error_text_.data()).find(url_.host) == std::string_view::npos) {
        return absl::UnavailableError(
            fmt::format("the proxy for {} can't be reached: it refuses connections", who));
      }
      return absl::UnavailableError(
          fmt::format("{} can't be reached: it refuses connections", who));
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError(
          fmt::format("{} did not take a connection within {}", who,
                      absl::FormatDuration(settings_.connect_timeout)));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return absl::FailedPreconditionError(
          fmt::format("the certificate of {} can't be trusted: {}", who, error_text_.data()));
    case CURLE_SSL_CONNECT_ERROR:
      return absl::UnavailableError(
          fmt::format("no TLS connection with {}: {}", who, error_text_.data()));
    case CURLE_WRITE_ERROR:
      if (!too_large_) break;
      return absl::ResourceExhaustedError(
          fmt::format("the answer of {} is larger than {} bytes", who, max_body_));
    case CURLE_ABORTED_BY_CALLBACK:
      if (sent_again_) return absl::UnavailableError(fmt::format("{} closed the connection", who));
      return absl::AbortedError(fmt::format("what was to be sent to {} could not be read", who));
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
      return absl::UnavailableError(fmt::format("{} closed the connection", who));
    case CURLE_OUT_OF_MEMORY:
      // What curl 7.88.1 says of a line that is longer than it reads (CURL_MAX_HTTP_HEADER).
      return absl::ResourceExhaustedError(
          fmt::format("a line in the head of {}'s answer is too long, or memory is short", who));
    case CURLE_PARTIAL_FILE:
      return absl::UnavailableError(fmt::format("{} ended in the middle of its answer", who));
    default:
      break;
  }
  return absl::UnavailableError(fmt::format("{}: {}", who, curl_easy_strerror(code)));
}

}  // namespace imglife
