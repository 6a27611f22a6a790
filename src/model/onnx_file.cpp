#include "model/onnx_file.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "mnist_train/shape.h"
#include "model/safetensors.h"

namespace mnist {
namespace {

// The oldest versions with all that is needed, which the most programs read. Gemm is still that of
// operator set 13 in the newest ones.
constexpr std::int64_t kIr = 7;
constexpr std::int64_t kOperatorSet = 13;

constexpr std::int64_t kFloat = 1;         // of TensorProto.DataType
constexpr std::int64_t kIntAttribute = 2;  // of AttributeProto.AttributeType

// The numbers of the fields that are written, by message, as in onnx.proto.
enum class ModelProto {
  kIrVersion = 1,
  kProducerName = 2,
  kProducerVersion = 3,
  kDocString = 6,
  kGraph = 7,
  kOpsetImport = 8,
};
enum class OperatorSetIdProto { kVersion = 2 };
enum class GraphProto { kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12 };
enum class NodeProto { kInput = 1, kOutput = 2, kName = 3, kOpType = 4, kAttribute = 5 };
enum class AttributeProto { kName = 1, kI = 3, kType = 20 };
enum class TensorProto { kDims = 1, kDataType = 2, kName = 8, kRawData = 9 };
enum class ValueInfoProto { kName = 1, kType = 2, kDocString = 3 };
enum class TypeProto { kTensorType = 1 };
enum class TensorTypeProto { kElemType = 1, kShape = 2 };
enum class TensorShapeProto { kDim = 1 };
enum class DimensionProto { kDimValue = 1, kDimParam = 2 };

/// Seven bits a byte, the lowest first; the highest bit of a byte says that more follow.
std::string varint(std::uint64_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7) bytes += static_cast<char>((number & 0x7f) | 0x80);
  return bytes + static_cast<char>(number);
}

/// A field of a message, which is the sum of its fields: its number and wire type, and the value.
template <typename Field>
std::string encode(Field field, std::int64_t number) {
  constexpr unsigned kVarint = 0;
  return varint(static_cast<unsigned>(field) << 3 | kVarint) +
         varint(static_cast<std::uint64_t>(number));
}

/// The same for a string or a message.
template <typename Field>
std::string encode(Field field, std::string_view bytes) {
  constexpr unsigned kLengthDelimited = 2;
  std::string result =
      varint(static_cast<unsigned>(field) << 3 | kLengthDelimited) + varint(bytes.size());
  return result.append(bytes);
}

std::string node(std::string_view type, std::string_view name,
                 const std::vector<std::string>& inputs, std::string_view output) {
  std::string result;
  for (const std::string& input : inputs) result += encode(NodeProto::kInput, input);
  return result + encode(NodeProto::kOutput, output) + encode(NodeProto::kName, name) +
         encode(NodeProto::kOpType, type);
}

/// input * weight^T + bias: Gemm transposes the weight, which is [outputs,inputs] as in PyTorch.
std::string linear_node(const std::string& layer, const std::string& input,
                        std::string_view output) {
  const std::string transpose = encode(AttributeProto::kName, "transB") +
                                encode(AttributeProto::kI, 1) +
                                encode(AttributeProto::kType, kIntAttribute);
  return node("Gemm", layer, {input, layer + ".weight", layer + ".bias"}, output) +
         encode(NodeProto::kAttribute, transpose);
}

std::string initializer(std::string_view name, const torch::Tensor& tensor) {
  std::string result;
  for (const std::int64_t size : tensor.sizes()) result += encode(TensorProto::kDims, size);
  return result + encode(TensorProto::kDataType, kFloat) + encode(TensorProto::kName, name) +
         encode(TensorProto::kRawData, float32_bytes(tensor));
}

/// An input or output of the graph: float32 [N,columns].
std::string value_info(std::string_view name, std::int64_t columns, std::string_view description) {
  const std::string shape =
      encode(TensorShapeProto::kDim, encode(DimensionProto::kDimParam, "N")) +
      encode(TensorShapeProto::kDim, encode(DimensionProto::kDimValue, columns));
  const std::string type =
      encode(TensorTypeProto::kElemType, kFloat) + encode(TensorTypeProto::kShape, shape);
  return encode(ValueInfoProto::kName, name) +
         encode(ValueInfoProto::kType, encode(TypeProto::kTensorType, type)) +
         encode(ValueInfoProto::kDocString, description);
}

std::string graph(const MlpImpl& model) {
  std::string result;
  std::string input = "images";
  const std::size_t layers = model.layers().size();
  for (std::size_t i = 1; i < layers; ++i) {
    const std::string layer = fmt::format("fc{}", i);
    const std::string relu = fmt::format("relu{}", i);
    result += encode(GraphProto::kNode, linear_node(layer, input, layer + ".output"));
    input = relu + ".output";
    result += encode(GraphProto::kNode, node("Relu", relu, {layer + ".output"}, input));
  }
  result += encode(GraphProto::kNode, linear_node(fmt::format("fc{}", layers), input, "logits"));
  result += encode(GraphProto::kName, "mlp");
  for (const auto& parameter : model.named_parameters()) {
    result += encode(GraphProto::kInitializer, initializer(parameter.key(), parameter.value()));
  }
  result += encode(GraphProto::kInput,
                   value_info("images", kPixels,
                              "28 x 28 pixels row by row, from 0 (background) to 1 (stroke)"));
  return result + encode(GraphProto::kOutput,
                         value_info("logits", kDigits,
                                    "A score for each digit; softmax makes probabilities of them"));
}

}  // namespace

std::string encode_onnx(const MlpImpl& model) {
  return encode(ModelProto::kIrVersion, kIr) + encode(ModelProto::kProducerName, "mnist-train") +
         encode(ModelProto::kProducerVersion, MNIST_TRAIN_VERSION) +
         encode(ModelProto::kDocString, describe(model)) +
         encode(ModelProto::kGraph, graph(model)) +
         encode(ModelProto::kOpsetImport, encode(OperatorSetIdProto::kVersion, kOperatorSet));
}

}  // namespace mnist
