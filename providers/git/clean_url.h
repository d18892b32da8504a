// Addresses of git repositories without what is secret in them.
#pragma once

#include <string>
#include <string_view>

namespace imglife {

// Without user and password; of an ssh address the user stays, because the address doesn't work
// without it. Query and fragment of an http address go too: some servers take tokens there.
std::string CleanUrl(std::string_view url);

bool HasHttpScheme(std::string_view url);

// "https://git.example.com:8443" of an http address that CleanUrl made.
std::string OriginOf(std::string_view clean_url);

}  // namespace imglife
