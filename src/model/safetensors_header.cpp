#include "model/safetensors_header.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/fail.h"
#include "base/text.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

using Json = nlohmann::json;

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

/// Bytes per element; 0 for a dtype that is not read.
std::size_t element_size(const std::string& dtype) {
  if (dtype == "F64") return sizeof(double);
  if (dtype == "F32") return sizeof(float);
  return dtype == "F16" || dtype == "BF16" ? 2 : 0;
}

/// The JSON of the header, which is the file's beginning.
std::string read_text(InputFile& file) {
  std::uint64_t size = 0;
  const std::string start = file.head(sizeof(size));
  std::memcpy(&size, start.data(), start.size());
  if (file.size() - start.size() < size) return "";  // it was cut short, or is no header
  std::string text(size, '\0');
  file.read(sizeof(size), text);
  return text;
}

/// Numbers >= 0. Throws Json::exception if the list holds, or is, anything else.
std::vector<std::uint64_t> read_sizes(const Json& list) {
  std::vector<std::uint64_t> sizes;
  for (const Json& number : list.get_ref<const Json::array_t&>()) {
    sizes.push_back(number.get_ref<const Json::number_unsigned_t&>());
  }
  return sizes;
}

/// Whether a tensor takes so many bytes. Does not overflow: its size is compared at each step.
bool has_bytes(std::uint64_t bytes, const std::vector<std::uint64_t>& shape,
               std::uint64_t element) {
  std::uint64_t product = element;
  for (const std::uint64_t size : shape) {
    if (size == 0 || size > bytes / product) return false;
    product *= size;
  }
  return product == bytes;
}

TensorInfo read_tensor(const std::string& name, const Json& json, const std::string& file) {
  const auto dtype = json.at("dtype").get<std::string>();
  const std::vector<std::uint64_t> shape = read_sizes(json.at("shape"));
  const std::vector<std::uint64_t> offsets = read_sizes(json.at("data_offsets"));
  const std::size_t element = element_size(dtype);
  if (element == 0) {
    fail(ErrorKind::kModel, "{}: tensor {}: expected dtype F32, F16, BF16 or F64, found {}", file,
         name, dtype);
  }
  if (offsets.size() != 2 || offsets[0] > offsets[1] ||
      !has_bytes(offsets[1] - offsets[0], shape, element)) {
    fail(ErrorKind::kModel, "{}: tensor {}: expected data_offsets that fit {} {}, found {}", file,
         name, dtype, json.at("shape").dump(), json.at("data_offsets").dump());
  }
  return {name, dtype, {shape.begin(), shape.end()}, offsets[0], offsets[1]};
}

/// Throws Json::exception if the JSON is not of the form of a header.
SafetensorsHeader parse_header(const std::string& text, const InputFile& file) {
  SafetensorsHeader header{.data_begin = sizeof(std::uint64_t) + text.size()};
  const Json json = Json::parse(text);
  for (const auto& [name, value] : json.get_ref<const Json::object_t&>()) {
    if (name == kMetadataKey) {
      header.metadata = value.get<std::map<std::string, std::string>>();
    } else {
      header.tensors.push_back(read_tensor(name, value, file.name()));
    }
  }
  std::ranges::sort(header.tensors, {}, &TensorInfo::begin);
  std::uint64_t end = 0;
  for (const TensorInfo& tensor : header.tensors) {
    if (tensor.begin != end) {
      fail(ErrorKind::kModel, "{}: tensor {}: expected data from offset {} on, found {}",
           file.name(), tensor.name, end, tensor.begin);
    }
    end = tensor.end;
  }
  if (const std::uint64_t found = file.size() - header.data_begin; found != end) {
    fail(ErrorKind::kModel, "{}: expected {} bytes of data, found {}", file.name(), end, found);
  }
  return header;
}

/// "net.0.weight [256,784], net.0.bias [256] and 4 more"
std::string describe(const std::vector<TensorInfo>& tensors) {
  constexpr std::size_t kMaxTensors = 6;
  std::vector<std::string> list;
  for (const TensorInfo& tensor : tensors) {
    list.push_back(fmt::format("{} [{}]", tensor.name, fmt::join(tensor.shape, ",")));
  }
  return list.empty() ? "no tensors" : first_of(list, kMaxTensors);
}

/// Whether the two are of one layer, with this number of inputs.
bool is_layer(const TensorInfo& weight, const TensorInfo& bias, std::int64_t inputs) {
  const std::string layer = bias.name.substr(0, bias.name.rfind("bias"));
  return bias.name == layer + "bias" && weight.name == layer + "weight" && bias.shape.size() == 1 &&
         weight.shape == std::vector{bias.shape[0], inputs};
}

}  // namespace

SafetensorsHeader read_header(InputFile& file) {
  if (const std::string_view kind = file_kind(file); !kind.empty()) {
    fail(ErrorKind::kModel,
         "{}: expected a safetensors file, as safetensors.torch.save_file writes it, found {}",
         file.name(), kind);
  }
  const std::string text = read_text(file);
  try {
    return parse_header(text, file);
  } catch (const Json::exception&) {
    fail(ErrorKind::kModel, "{}: not a valid safetensors header", file.name());
  }
}

std::vector<TensorInfo> order_parameters(std::vector<TensorInfo> tensors, const std::string& file) {
  std::ranges::sort(tensors, [](const TensorInfo& one, const TensorInfo& other) {
    return ::strverscmp(one.name.c_str(), other.name.c_str()) < 0;
  });
  std::vector<TensorInfo> parameters;
  std::int64_t inputs = kPixels;
  for (std::size_t i = 0; i + 1 < tensors.size(); i += 2) {
    const TensorInfo& bias = tensors[i];
    const TensorInfo& weight = tensors[i + 1];
    if (!is_layer(weight, bias, inputs)) break;
    parameters.insert(parameters.end(), {weight, bias});
    inputs = bias.shape[0];
  }
  if (parameters.empty() || parameters.size() != tensors.size() || inputs != kDigits) {
    fail(ErrorKind::kModel,
         "{}: expected a weight [outputs,inputs] and a bias [outputs] for each layer, which lead "
         "from {} inputs to {} outputs in the order of their names, found {}",
         file, kPixels, kDigits, describe(tensors));
  }
  return parameters;
}

}  // namespace mnist
