// A registry's side of blob uploads, for tests: sessions that hold bytes, and what may go wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include <fmt/format.h>

#include "schema/image/digest.h"
#include "tests/support/scripted_transport.h"

namespace imglife {

// One caller at a time.
class UploadServer {
 public:
  // A PUT with a larger body gets `refusal`.
  std::size_t largest_put = SIZE_MAX;
  HttpResponse refusal = Answer(413, {}, "<html>413 Request Entity Too Large</html>");
  // A PATCH with a larger body gets 413.
  std::size_t largest_patch = SIZE_MAX;
  std::string chunk_min_length;
  // Of the request with this number (from 1, uploads and chunks alone), only so many bytes arrive,
  // and the client hears that the connection broke.
  int breaks_at = 0;
  std::size_t arrives = 0;
  // The session survives that, and GET tells where it is (distribution 2.8 forgets it).
  bool resumes = true;
  // Every request needs a token; that of the time is no longer accepted from the n-th on.
  bool needs_token = false;
  int expires_at = 0;
  // Of the chunk with this number the server keeps only so many bytes, and says so (202).
  int shortens_at = 0;
  std::size_t keeps = 0;
  // At the request with this number it forgets so many bytes that it has (416).
  int forgets_at = 0;
  std::size_t forgets = 0;
  // The request with this number gets this answer, and nothing else happens.
  int answers_at = 0;
  HttpResponse answer = Answer(503);
  // What chunks are answered with.
  int part_status = 202;
  // The answers to chunks name no Location, or no Range.
  bool names_location = true;
  bool names_range = true;

  // Blobs that are complete, by digest.
  std::map<std::string, std::string> blobs;
  // Sessions that are open, by number.
  std::map<int, std::string> sessions;
  int cancelled = 0;

  absl::StatusOr<HttpResponse> operator()(const SentRequest& request) {
    if (request.url.find("/token") != std::string::npos) {
      return Answer(200, {}, fmt::format(R"({{"token":"t{}"}})", ++tokens_));
    }
    if (needs_token && request.authorization != fmt::format("Bearer t{}", tokens_)) {
      return Challenge();
    }
    if (request.method == "POST") return Start();
    if (request.method == "HEAD") {
      const std::string digest = request.url.substr(request.url.rfind('/') + 1);
      return Answer(blobs.count(digest) > 0 ? 200 : 404);
    }
    const std::size_t at = request.url.find("/up/");
    if (at == std::string::npos) return Answer(404);
    const int number = std::stoi(request.url.substr(at + 4));
    const auto session = sessions.find(number);
    if (session == sessions.end()) {
      return Answer(404, {}, R"({"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]})");
    }
    // Each answer names a place of its own, and the last one counts.
    const std::size_t state = request.url.find("state=");
    if (names_location && (state == std::string::npos ||
                           std::stoul(request.url.substr(state + 6)) != places_[number])) {
      return Answer(400, {}, R"({"errors":[{"code":"BLOB_UPLOAD_INVALID","message":"old"}]})");
    }
    if (request.method == "GET") return Held(204, number, session->second);
    if (request.method == "DELETE") {
      sessions.erase(session);
      ++cancelled;
      return Answer(204);
    }
    return Take(request, number, session->second);
  }

 private:
  HttpResponse Start() {
    const int number = ++last_session_;
    sessions[number];
    HttpResponse response = Answer(202, {{"location", Place(number)}});
    if (!chunk_min_length.empty()) {
      response.headers.emplace("oci-chunk-min-length", chunk_min_length);
    }
    return response;
  }

  std::string Place(int number) {
    places_[number] = ++last_place_;
    return fmt::format("/up/{}?state={}", number, last_place_);
  }

  static HttpResponse Challenge() {
    return Answer(401, {{"www-authenticate", R"(Bearer realm="/token",service="reg")"}});
  }

  HttpResponse Held(int status, int number, const std::string& bytes) {
    const std::size_t last = bytes.empty() ? 0 : bytes.size() - 1;
    HttpResponse response = Answer(status);
    // A refusal moves nothing.
    if (names_location && status != 416) response.headers.emplace("location", Place(number));
    if (names_range || status != part_status) {
      response.headers.emplace("range", fmt::format("0-{}", last));
    }
    return response;
  }

  absl::StatusOr<HttpResponse> Take(const SentRequest& request, int number, std::string& held) {
    ++requests_;
    if (requests_ == expires_at) {
      ++tokens_;
      return Challenge();
    }
    if (requests_ == answers_at) return answer;
    if (requests_ == forgets_at) held.resize(held.size() - forgets);
    if (requests_ == breaks_at) {
      held += request.body.substr(0, arrives);
      if (!resumes) sessions.erase(number);
      return absl::UnavailableError("the connection broke");
    }
    if (request.method == "PATCH") return TakeChunk(request, number, held);
    if (request.body.size() > largest_put) return refusal;
    held += request.body;
    const std::string digest = Digest::OfBytes(held).str();
    const std::string hex = digest.substr(digest.find(':') + 1);
    if (request.url.find(hex) == std::string::npos) {
      return Answer(400, {}, R"({"errors":[{"code":"DIGEST_INVALID"}]})");
    }
    blobs[digest] = held;
    sessions.erase(number);
    return Answer(201, {{"docker-content-digest", digest}});
  }

  HttpResponse TakeChunk(const SentRequest& request, int number, std::string& held) {
    if (request.body.size() > largest_patch) return Answer(413);
    const std::string range =
        fmt::format("{}-{}", held.size(), held.size() + request.body.size() - 1);
    if (request.Header("content-range") != range) return Held(416, number, held);
    held += request.body.substr(0, requests_ == shortens_at ? keeps : std::string::npos);
    return Held(part_status, number, held);
  }

  int last_session_ = 0;
  std::size_t last_place_ = 0;
  // The place of each session that the last answer named.
  std::map<int, std::size_t> places_;
  int requests_ = 0;
  int tokens_ = 0;
};

}  // namespace imglife
