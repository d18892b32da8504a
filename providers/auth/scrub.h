// Servers that say back what they were told.
#pragma once

#include <string>

#include "providers/secret.h"
#include "providers/transport.h"

namespace imglife {

// `text` with *** for the secret wherever it stands: as it is, as JSON writes it, as a URL does.
// Of fewer than eight characters it counts only as a whole word, and of fewer than four not at all:
// so short, it stands in many texts.
std::string WithoutSecret(std::string text, const Secret& secret);

// The body of a refusal (400 and up) without the authorization that the request carried: neither
// the token, nor the password inside of "Basic …".
void ScrubRefusal(HttpResponse& response, const Secret& authorization);

}  // namespace imglife
