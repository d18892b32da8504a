// For a process that is about to end without destructors.
#pragma once

namespace imglife {

// Removes every TemporaryDirectory that still exists. Children that write there must have been
// killed; what they still write while it runs may be left over.
//
// Thread safety: any thread may call, but no directory may be used afterwards.
void RemoveTemporaryDirectories();

}  // namespace imglife
