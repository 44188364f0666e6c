// Has DuckDB load its extension `icu` into every database that this process opens. Linked with the feature `icu` alone;
// build.rs compiles it beside the extension's own sources.

#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb_static_extension.h"

extern "C" void icu_duckdb_cpp_init(duckdb::ExtensionLoader &loader);

namespace {

int32_t describe(duckdb_extension_descriptor *descriptor) {
	if (descriptor->version < 1) {
		descriptor->set_error(descriptor, "the extension icu needs the first layout of a descriptor");
		return 1;
	}
	descriptor->version = 1;
	descriptor->name = "icu";
	descriptor->extension_version = "";
	descriptor->api_version = "";
	descriptor->entry_cpp = reinterpret_cast<void (*)(void)>(icu_duckdb_cpp_init);
	return 0;
}

// Before `main`, and so before any database is opened.
const int32_t registered = duckdb_register_static_extension(describe);

} // namespace
