// One request on its way: what the thread of curl and the caller's thread share.
#pragma once

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include <curl/curl.h>

#include "providers/http/byte_pipe.h"
#include "providers/http/curl_transport.h"
#include "providers/http/easy_handles.h"
#include "providers/http/http_url.h"
#include "providers/http/movement.h"

namespace imglife {

// Made by a caller, then run by the loop; the callbacks of curl run on the loop's thread.
class Transfer {
 public:
  // `stream`: the body of a 2xx answer goes to body(), not into the response. `authorize`: the URL
  // is of the host that the credential is for.
  Transfer(const HttpRequest& request, const HttpUrl& url, const TransportSettings& settings,
           EasyHandles& handles, bool stream, bool authorize);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* easy() const { return easy_; }
  // Name and port.
  const std::string& host() const { return host_; }
  BytePipe& body() { return body_; }
  BytePipe& upload() { return upload_; }

  // Caller: waits for the end, or for the head of an answer whose body is streamed. The head has
  // no body then.
  struct Outcome {
    absl::Status status;
    HttpResponse response;
    bool streams = false;
    // The request may have reached the server.
    bool sent = false;
    // When its turn came.
    absl::Time begun = absl::Now();
  };
  Outcome Await();
  // Caller: waits until the request goes out. False if it ended before.
  bool AwaitRequest();
  // Caller: has it ended already?
  bool Ended();

  // Loop: its turn has come.
  void Begin();
  // Loop: curl says that it ended so.
  void Finish(CURLcode code);
  void FinishWith(absl::Status status);
  // Loop: why to end it, if it stands still and not because this side waits.
  std::optional<absl::Status> Stalled(SteadyTime now) const;
  // Loop: goes on where a callback paused.
  void Resume();

 private:
  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnUpload(char* data, std::size_t size, std::size_t count, void* self);
  static int OnRequest(void* self, char*, char*, int, int);

  void SetUp(const HttpRequest& request, bool authorize);
  void SetUpBody(const HttpRequest& request);
  void TakeHeaderLine(std::string_view line);
  std::size_t TakeBody(std::string_view bytes);
  bool StreamsNow() const;
  absl::Status ProxyAnswered(long status) const;
  absl::Status Explain(CURLcode code) const;

  const HttpUrl url_;
  const std::string host_;
  const TransportSettings& settings_;
  const bool stream_;
  const bool is_head_;
  const bool idempotent_;
  const std::size_t max_body_;
  const std::string post_body_;

  EasyHandles& handles_;
  CURL* easy_;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  BytePipe body_;
  BytePipe upload_;

  // Of the loop's thread.
  HttpResponse response_;
  std::size_t head_size_ = 0;
  bool too_large_ = false;
  bool error_is_cut_ = false;
  bool head_complete_ = false;
  bool receiving_paused_ = false;
  bool sending_paused_ = false;
  // curl repeats by itself what a connection that it had kept open gave no answer to.
  bool sent_again_ = false;
  Movement movement_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool sent_ = false;
  bool head_ready_ = false;
  bool ended_ = false;
  Outcome outcome_;
};

}  // namespace imglife
