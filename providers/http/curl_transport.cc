#include "providers/http/curl_transport.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "providers/http/curl_loop.h"
#include "providers/http/host_patience.h"
#include "providers/http/host_pauses.h"
#include "providers/http/retry.h"
#include "providers/http/sleep_unless.h"

namespace imglife {
namespace {

constexpr int kMaxRedirects = 10;
constexpr std::size_t kUploadPiece = std::size_t{64} << 10;

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// A control character in a header would start another header.
absl::Status CheckHeaders(const HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return absl::InvalidArgumentError(
          fmt::format("the value for the header {} has a control character", name));
    }
  }
  if (request.authorization.Reveal().find_first_of(std::string_view("\r\n\0", 3)) !=
      std::string::npos) {
    return absl::InvalidArgumentError("the credential has a line break in it");
  }
  return absl::OkStatus();
}

std::string LogLine(const std::string& method, const HttpUrl& url,
                    const Transfer::Outcome& outcome) {
  const std::string line = fmt::format("{} {}", method, url.text.substr(0, url.text.find('?')));
  return outcome.status.ok() ? fmt::format("{} {}", line, outcome.response.status)
                             : fmt::format("{}: {}", line, std::string(outcome.status.message()));
}

// The body of an answer that is still coming.
class BodyReader : public ByteReader {
 public:
  BodyReader(std::shared_ptr<Transfer> transfer, CurlLoop& loop)
      : transfer_(std::move(transfer)), loop_(loop) {}
  ~BodyReader() override {
    if (!ended_) loop_.Cancel(transfer_);
  }

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    const auto read = transfer_->body().Read(buffer, size);
    ended_ = !read.ok() || read->end;
    if (!read.ok()) return read.status();
    if (read->made_room) loop_.Resume(transfer_);
    return read->count;
  }

 private:
  std::shared_ptr<Transfer> transfer_;
  CurlLoop& loop_;
  bool ended_ = false;
};

class CurlTransport : public Transport {
 public:
  explicit CurlTransport(const TransportSettings& settings)
      : settings_(settings),
        loop_(settings),
        silent_(settings.max_retry_time),
        refusing_(settings.max_retry_time) {}

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    auto answer = SendWithRetries(request, /*stream=*/false);
    if (!answer.ok()) return answer.status();
    return std::move(answer->head);
  }

  absl::StatusOr<HttpStream> Open(const HttpRequest& request) override {
    return SendWithRetries(request, /*stream=*/true);
  }

 private:
  struct Try {
    Transfer::Outcome outcome;
    std::shared_ptr<Transfer> transfer;
    bool upload_touched = false;
    absl::Status upload_status;
  };

  absl::StatusOr<HttpStream> SendWithRetries(const HttpRequest& request, bool stream) {
    const absl::Status headers = CheckHeaders(request);
    if (!headers.ok()) return headers;
    const auto url = ParseHttpUrl(request.url);
    if (!url.ok()) return url.status();
    absl::Time give_up = absl::Now() + settings_.max_retry_time;
    for (int tries = 1;; ++tries) {
      if (const auto silent = silent_.GivenUp(url->Authority(), absl::Now())) return *silent;
      if (const auto refusal = refusing_.GivenUp(url->Authority(), absl::Now())) return *refusal;
      const HostPauses::Outcome waited = pauses_.Wait(url->Authority(), give_up, settings_.stopped);
      if (waited == HostPauses::Outcome::kStopped) {
        return absl::CancelledError(
            fmt::format("stopped while {} asked to wait", url->Authority()));
      }
      if (waited == HostPauses::Outcome::kTooLong) {
        return absl::UnavailableError(
            fmt::format("{} answers 429 (too many requests) and asks to wait longer than {}",
                        url->Authority(), absl::FormatDuration(settings_.max_retry_time)));
      }
      auto made = FollowRedirects(request, *url, stream);
      if (!made.ok()) return made.status();
      // Until then it waited for its turn, not for the server.
      if (tries == 1) give_up = made->outcome.begun + settings_.max_retry_time;
      NoteSilence(url->Authority(), made->outcome);
      const TryResult result = ResultOf(*made);
      const absl::Duration delay = DelayAfter(result, *made, *url, tries);
      const bool again = tries < settings_.max_tries && !made->upload_touched &&
                         MayRetry(result, request.idempotent);
      if (!again || absl::Now() + delay > give_up) return Answer(std::move(*made));
      if (!SleepUnless(settings_.stopped, delay)) return Answer(std::move(*made));
    }
  }

  void NoteSilence(const std::string& host, const Transfer::Outcome& outcome) {
    if (!absl::IsDeadlineExceeded(outcome.status)) {
      if (outcome.status.ok()) silent_.Answered(host);
      return;
    }
    // Before that it moved.
    const absl::Time now = absl::Now();
    const absl::Time since = std::max(outcome.begun, now - settings_.stall_timeout);
    const bool first = silent_.Waited(host, since, now, outcome.status);
    if (!first || !settings_.warn) return;
    settings_.warn(fmt::format("{}; requests to it are tried again for {}",
                               std::string(outcome.status.message()),
                               absl::FormatDuration(settings_.max_retry_time)));
  }

  absl::Duration DelayAfter(const TryResult& result, const Try& made, const HttpUrl& url,
                            int tries) {
    const absl::Time now = absl::Now();
    const HttpResponse& response = made.outcome.response;
    const auto asked =
        AskedWait(response.Header("retry-after"), response.Header("x-retry-after"), now);
    const absl::Duration delay = RetryDelay(tries, RandomShare(), asked);
    if (result.http_status == 429 && !result.quota_spent) {
      refusing_.Waited(url.Authority(), now, now, TurnsAllAway(url));
      // How often this request was refused is no reason for others to wait longer.
      pauses_.Pause(url.Authority(), now + (asked ? delay : BackoffDelay(1, RandomShare())));
    } else if (result.http_status != 0) {
      refusing_.Answered(url.Authority());
      pauses_.Answered(url.Authority());
    }
    return delay;
  }

  absl::Status TurnsAllAway(const HttpUrl& url) const {
    return absl::UnavailableError(
        fmt::format("{} has answered everything with 429 (too many requests) for {}",
                    url.Authority(), absl::FormatDuration(settings_.max_retry_time)));
  }

  static TryResult ResultOf(const Try& made) {
    const Transfer::Outcome& outcome = made.outcome;
    TryResult result;
    result.sent = outcome.sent;
    if (!outcome.status.ok()) {
      result.failure = outcome.status.code();
      return result;
    }
    const HttpResponse& response = outcome.response;
    result.http_status = response.status;
    result.quota_spent =
        IsSpentQuota(response.status, response.Header("ratelimit-remaining"), response.body);
    return result;
  }

  absl::StatusOr<HttpStream> Answer(Try made) {
    if (!made.upload_status.ok()) return made.upload_status;
    if (!made.outcome.status.ok()) return made.outcome.status;
    HttpStream answer;
    answer.head = std::move(made.outcome.response);
    if (made.outcome.streams) {
      answer.body = std::make_unique<BodyReader>(std::move(made.transfer), loop_);
    }
    return answer;
  }

  absl::StatusOr<Try> FollowRedirects(const HttpRequest& request, const HttpUrl& first,
                                      bool stream) {
    HttpUrl url = first;
    for (int redirects = 0;; ++redirects) {
      Try made = SendOnce(request, url, stream, url.SameServer(first));
      const HttpResponse& response = made.outcome.response;
      if (!made.outcome.status.ok() || !request.follow_redirects || !IsRedirect(response.status)) {
        return made;
      }
      if (redirects == kMaxRedirects) {
        return absl::UnavailableError(fmt::format("{} redirects in circles", first.Authority()));
      }
      auto next = ResolveRedirect(url, response.Header("location"));
      if (!next.ok()) return next.status();
      url = *std::move(next);
    }
  }

  Try SendOnce(const HttpRequest& request, const HttpUrl& url, bool stream, bool authorize) {
    Try made;
    made.transfer =
        std::make_shared<Transfer>(request, url, settings_, handles_, stream, authorize);
    loop_.Start(made.transfer);
    if (request.upload != nullptr) Feed(request, made);
    made.outcome = made.transfer->Await();
    if (settings_.log) settings_.log(LogLine(request.method, url, made.outcome));
    return made;
  }

  // The caller's thread reads what is to be sent; the loop never waits for it.
  void Feed(const HttpRequest& request, Try& made) {
    if (!made.transfer->AwaitRequest()) return;
    made.upload_touched = true;
    std::vector<char> piece(kUploadPiece);
    while (!made.transfer->Ended()) {
      const auto read = request.upload->Read(piece.data(), piece.size());
      if (!read.ok()) {
        made.upload_status = read.status();
        made.transfer->upload().CloseWriting(read.status());
        loop_.Resume(made.transfer);
        return;
      }
      if (*read == 0) break;
      const BytePipe::WriteResult written = made.transfer->upload().Write({piece.data(), *read});
      if (!written.open) return;
      if (written.wanted) loop_.Resume(made.transfer);
    }
    made.transfer->upload().CloseWriting(absl::OkStatus());
    loop_.Resume(made.transfer);
  }

  const TransportSettings settings_;
  EasyHandles handles_;
  CurlLoop loop_;
  HostPauses pauses_;
  HostPatience silent_;
  HostPatience refusing_;
};

}  // namespace

std::unique_ptr<Transport> MakeCurlTransport(const TransportSettings& settings) {
  return std::make_unique<CurlTransport>(settings);
}

}  // namespace imglife
