// Content digests (OCI image-spec 1.1, descriptor.md, "Digests").
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace imglife {

// "sha256:HEX" or "sha512:HEX", lower case. A default-constructed Digest is empty and equals
// nothing real.
class Digest {
 public:
  Digest() = default;

  // InvalidArgument if `text` isn't a digest of a registered algorithm with exactly the right
  // number of lower-case hexadecimal digits.
  static absl::StatusOr<Digest> Parse(std::string_view text);
  // The SHA-256 digest of `bytes`.
  static Digest OfBytes(std::string_view bytes);

  bool empty() const { return text_.empty(); }
  const std::string& str() const { return text_; }
  std::string_view algorithm() const;
  std::string_view hex() const;
  // "sha256:1c4eef1a": the algorithm and the first 8 digits, for people.
  std::string Short() const;

  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  explicit Digest(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// Hashes a stream piece by piece. One thread.
class Hasher {
 public:
  // `algorithm` is that of an existing Digest ("sha256", "sha512").
  explicit Hasher(std::string_view algorithm = "sha256");
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  void Update(std::string_view bytes);
  // The digest of all that was given; the hasher can't be used afterwards.
  Digest Finish();

 private:
  struct State;
  State* state_;
};

}  // namespace imglife
