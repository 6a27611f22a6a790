#include "model/safetensors.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "base/file.h"
#include "base/file_kind.h"
#include "mnist_train/error.h"
#include "model/float_format.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::size_t kSizeBytes = 8;
constexpr std::size_t kMaxHeader = std::size_t{1} << 20;
constexpr const char* kMetadata = "__metadata__";

/// A file that is not as the format has it.
class Damage : public Error {
 public:
  using Error::Error;
};

/// Says what is wrong with the form of the file; decode_safetensors() adds its name and a remedy.
template <typename... Values>
[[noreturn]] void malformed(fmt::format_string<Values...> problem, Values&&... values) {
  throw Damage(ExitCode::kModel, fmt::format(problem, std::forward<Values>(values)...));
}

/// The same of a file that is whole and holds something else.
template <typename... Values>
[[noreturn]] void unsuitable(fmt::format_string<Values...> problem, Values&&... values) {
  fail(ExitCode::kModel, problem, std::forward<Values>(values)...);
}

[[noreturn]] void cut_short(const std::string& part, std::uint64_t expected, std::uint64_t found) {
  malformed("expected {} of {} bytes, found {}: the file is cut short", part, expected, found);
}

/// Refuses a key that comes twice in an object, which JSON's grammar allows, and deeper nesting
/// than the format has.
class KeyCheck {
 public:
  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    constexpr int kDeepest = 3;  // the header, a tensor, its shape
    if (depth > kDeepest) malformed("expected a header of at most 3 levels, found more");
    if (event == Json::parse_event_t::object_start) keys_[depth + 1].clear();
    if (event == Json::parse_event_t::key &&
        !keys_[depth].insert(parsed.get_ref<const std::string&>()).second) {
      malformed("expected each key once in the header, found {} twice", parsed.dump());
    }
    return true;
  }

 private:
  std::map<int, std::set<std::string>> keys_;
};

Json parse_header(const std::string& bytes, std::size_t size) {
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(kSizeBytes);
  KeyCheck check;
  try {
    Json header = Json::parse(begin, begin + static_cast<std::ptrdiff_t>(size), std::ref(check));
    if (header.is_object()) return header;
  } catch (const Json::exception&) {
  }
  malformed("expected a header that is a JSON object, found something else");
}

std::map<std::string, std::string> read_metadata(const Json& metadata) {
  if (!metadata.is_object()) malformed("expected metadata that is an object, found another value");
  std::map<std::string, std::string> result;
  for (const auto& [key, value] : metadata.items()) {
    if (!value.is_string()) malformed("expected metadata of strings, found another value");
    result[key] = value.get<std::string>();
  }
  return result;
}

struct Entry {
  std::string name;
  const FloatFormat* format;
  std::vector<std::int64_t> shape;
  std::uint64_t begin;
  std::uint64_t end;
};

/// The number of bytes of a tensor. Throws if no file can have as many.
std::uint64_t byte_size(const Entry& entry) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t size = entry.format->bytes;
  for (const std::int64_t length : entry.shape) {
    const auto factor = static_cast<std::uint64_t>(length);
    if (factor != 0 && size > kMost / factor) {
      malformed("tensor {}: expected a shape that fits the file, found one too large",
                Json(entry.name).dump());
    }
    size *= factor;
  }
  return size;
}

Entry read_entry(const std::string& name, const Json& json, std::uint64_t data_size) {
  const auto refuse = [&](const std::string& expected) {
    malformed("tensor {}: expected {}", Json(name).dump(), expected);
  };
  const auto are_sizes = [](const Json& list) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return list.is_array() && std::all_of(list.begin(), list.end(), [](const Json& number) {
             return number.is_number_unsigned() && number.get<std::uint64_t>() <= kMost;
           });
  };
  if (!json.is_object() || json.size() != 3 || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets")) {
    refuse("dtype, shape and data_offsets, found other keys");
  }
  const Json& dtype = json["dtype"];
  const FloatFormat* const format =
      dtype.is_string() ? float_format(dtype.get_ref<const std::string&>()) : nullptr;
  if (format == nullptr && name.ends_with("num_batches_tracked")) {
    unsuitable("tensor {}: expected a weight or bias of a linear layer, found batch normalisation",
               Json(name).dump());
  }
  if (format == nullptr) {
    unsuitable("tensor {}: expected dtype F32, F16, BF16 or F64, found {}", Json(name).dump(),
               dtype.dump());
  }
  const Json& offsets = json["data_offsets"];
  if (!are_sizes(json["shape"])) refuse("a shape of whole numbers, found another");
  if (!are_sizes(offsets) || offsets.size() != 2) refuse("two data_offsets, found others");
  Entry entry{name, format, json["shape"].get<std::vector<std::int64_t>>(), offsets[0], offsets[1]};
  if (entry.begin > entry.end) refuse("data_offsets in ascending order, found others");
  if (entry.end - entry.begin != byte_size(entry)) {
    refuse("data_offsets that fit the shape, found others");
  }
  if (entry.end > data_size) cut_short("data", entry.end, data_size);
  return entry;
}

FloatTensor read_values(const Entry& entry, const char* data) {
  const std::size_t bytes = entry.format->bytes;
  FloatTensor tensor{entry.name, entry.shape, {}};
  tensor.values.reserve((entry.end - entry.begin) / bytes);
  for (std::uint64_t at = entry.begin; at < entry.end; at += bytes) {
    tensor.values.push_back(entry.format->read(data + at));
  }
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (!std::all_of(tensor.values.begin(), tensor.values.end(), is_finite)) {
    unsuitable("tensor {}: expected finite numbers, found others, as after training that diverged",
               Json(entry.name).dump());
  }
  return tensor;
}

TensorFile decode(const std::string& bytes) {
  if (bytes.size() < kSizeBytes) cut_short("a file", kSizeBytes, bytes.size());
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), kSizeBytes);
  if (header_size > kMaxHeader) {
    malformed("expected a header of at most 1 MiB, found one of {} bytes", header_size);
  }
  if (header_size > bytes.size() - kSizeBytes) {
    cut_short("a header", header_size, bytes.size() - kSizeBytes);
  }
  const Json header = parse_header(bytes, header_size);
  const char* const data = bytes.data() + kSizeBytes + header_size;
  const std::uint64_t data_size = bytes.size() - kSizeBytes - header_size;

  TensorFile file;
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == kMetadata) {
      file.metadata = read_metadata(value);
    } else {
      entries.push_back(read_entry(name, value, data_size));
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& one, const Entry& other) {
    return std::tie(one.begin, one.end, one.name) < std::tie(other.begin, other.end, other.name);
  });
  std::uint64_t covered = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != covered) malformed("expected data without holes and overlaps");
    covered = entry.end;
    file.tensors.push_back(read_values(entry, data));
  }
  if (covered != data_size) {
    malformed("expected {} bytes of data, found {}", covered, data_size);
  }
  return file;
}

}  // namespace

const FloatTensor* TensorFile::find(const std::string& name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const FloatTensor& tensor) { return tensor.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

std::string encode_safetensors(const TensorFile& file) {
  Json header = Json::object();  // nlohmann::json sorts the keys
  if (!file.metadata.empty()) header[kMetadata] = file.metadata;
  std::string data;
  for (const FloatTensor& tensor : file.tensors) {
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.values.data()),
                tensor.values.size() * sizeof(float));
    header[tensor.name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  text.resize((text.size() + kSizeBytes - 1) / kSizeBytes * kSizeBytes, ' ');
  const std::uint64_t size = text.size();
  std::string bytes(kSizeBytes, '\0');
  std::memcpy(bytes.data(), &size, kSizeBytes);
  return bytes + text + data;
}

TensorFile decode_safetensors(const std::string& bytes, const WeightsFile& source) {
  try {
    TensorFile file = decode(bytes);
    file.source = source;
    return file;
  } catch (const Damage& error) {
    refuse({source.name, source.remedy_if_damaged}, "{}", error.what());
  } catch (const Error& error) {
    refuse(source, "{}", error.what());
  }
}

TensorFile read_safetensors(const fs::path& path, const WeightsFile& source) {
  if (const auto kind = recognize(file_head(path))) {
    refuse(source, "expected a safetensors file, found {}", kind->name);
  }
  const FileContents contents = read_file(path);
  if (!contents.problem.empty()) {
    std::error_code ignored;
    const bool is_other = fs::exists(path, ignored) && !fs::is_regular_file(path, ignored);
    refuse({source.name, is_other ? "give a file" : kCheckPath}, "cannot be read: {}",
           contents.problem);
  }
  return decode_safetensors(contents.bytes, source);
}

TensorFile read_safetensors(const fs::path& path) {
  WeightsFile source{full_name(path)};
  const auto kind = recognize(file_head(path));
  if (kind && !kind->remedy.empty()) source.remedy = kind->remedy;
  return read_safetensors(path, source);
}

}  // namespace mnist
