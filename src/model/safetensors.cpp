#include "model/safetensors.h"

#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/fail.h"

namespace mnist {
namespace {

torch::Dtype torch_dtype(const std::string& dtype) {
  if (dtype == "F64") return torch::kFloat64;
  if (dtype == "F16") return torch::kFloat16;
  return dtype == "BF16" ? torch::kBFloat16 : torch::kFloat32;
}

}  // namespace

std::string float32_bytes(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  return {static_cast<const char*>(values.data_ptr()), values.nbytes()};
}

std::string encode_safetensors(const TensorFile& file) {
  nlohmann::json header = nlohmann::json::object();  // which sorts its keys
  if (!file.metadata.empty()) header[kMetadataKey] = file.metadata;
  std::string data;
  for (const auto& tensor : file.tensors) {
    const std::size_t begin = data.size();
    data += float32_bytes(tensor.value());
    header[tensor.key()] = {{"dtype", "F32"},
                            {"shape", tensor.value().sizes().vec()},
                            {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  constexpr std::size_t kAlignment = 8;
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  const std::uint64_t size = text.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof(size)) + text + data;
}

torch::Tensor read_tensor(InputFile& file, const SafetensorsHeader& header,
                          const TensorInfo& tensor) {
  torch::Tensor values = torch::empty(tensor.shape, torch_dtype(tensor.dtype));
  file.read(header.data_begin + tensor.begin,
            {static_cast<char*>(values.data_ptr()), values.nbytes()});
  values = values.to(torch::kFloat32);
  if (!torch::isfinite(values).all().item<bool>()) {
    fail(ErrorKind::kModel, "{}: tensor {}: expected finite values, found NaN or infinity",
         file.name(), tensor.name);
  }
  return values;
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  InputFile file(path, ErrorKind::kModel);
  const SafetensorsHeader header = read_header(file);
  TensorFile result;
  result.metadata = header.metadata;
  for (const TensorInfo& tensor : header.tensors) {
    result.tensors.insert(tensor.name, read_tensor(file, header, tensor));
  }
  return result;
}

}  // namespace mnist
