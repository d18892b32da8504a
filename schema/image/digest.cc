#include "schema/image/digest.h"

#include <array>

#include "absl/status/status.h"
#include <fmt/format.h>
#include <openssl/evp.h>

namespace imglife {
namespace {

constexpr std::size_t kShortDigits = 8;

std::size_t DigitsOf(std::string_view algorithm) {
  if (algorithm == "sha256") return 64;
  if (algorithm == "sha512") return 128;
  return 0;
}

std::string ToHex(const unsigned char* bytes, std::size_t count) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4U];
    text += kDigits[bytes[i] & 15U];
  }
  return text;
}

}  // namespace

absl::StatusOr<Digest> Digest::Parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::size_t digits = colon == std::string_view::npos ? 0 : DigitsOf(text.substr(0, colon));
  if (digits == 0) {
    return absl::InvalidArgumentError(
        fmt::format("`{}` is no digest: write sha256: or sha512: and its digits", text));
  }
  const std::string_view hex = text.substr(colon + 1);
  if (hex.size() != digits || hex.find_first_not_of("0123456789abcdef") != std::string_view::npos) {
    return absl::InvalidArgumentError(fmt::format(
        "`{}` is no digest: {} lower-case hexadecimal digits must follow the colon", text, digits));
  }
  return Digest(std::string(text));
}

Digest Digest::OfBytes(std::string_view bytes) {
  Hasher hasher;
  hasher.Update(bytes);
  return hasher.Finish();
}

std::string_view Digest::algorithm() const {
  return std::string_view(text_).substr(0, text_.find(':'));
}

std::string_view Digest::hex() const {
  return text_.empty() ? std::string_view() : std::string_view(text_).substr(text_.find(':') + 1);
}

std::string Digest::Short() const {
  return text_.empty() ? std::string() : text_.substr(0, text_.find(':') + 1 + kShortDigits);
}

struct Hasher::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::string algorithm;

  ~State() { EVP_MD_CTX_free(context); }
};

Hasher::Hasher(std::string_view algorithm) : state_(new State) {
  state_->algorithm = algorithm;
  EVP_DigestInit_ex(state_->context, algorithm == "sha512" ? EVP_sha512() : EVP_sha256(), nullptr);
}

Hasher::~Hasher() {
  delete state_;
}

void Hasher::Update(std::string_view bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

Digest Hasher::Finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int count = 0;
  EVP_DigestFinal_ex(state_->context, bytes.data(), &count);
  return Digest::Parse(state_->algorithm + ":" + ToHex(bytes.data(), count)).value();
}

}  // namespace imglife
