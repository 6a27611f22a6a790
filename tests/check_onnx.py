#!/usr/bin/env python3
"""Reads an ONNX file with nothing of ours, and computes with it.

    check_onnx.py graph MODEL IMAGES LOGITS
    check_onnx.py runtime MODEL IMAGES LOGITS

IMAGES and LOGITS hold float32 in little-endian order: what goes into the network, 784 numbers an
image, and what the program made of it. Prints JSON, with the largest difference from LOGITS as a
share of the largest of them.

graph: fails unless the checker of Python's onnx accepts the file, and computes its nodes in NumPy,
as Operators.md of the ONNX project describes them. runtime: computes it in ONNX Runtime, in batches
of several sizes. Ends with 77 if Python has no onnx or no onnxruntime.
"""

import json
import sys

import numpy as np


def shape_of(value):
    return [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]


def difference(logits, expected):
    return float(np.abs(logits - expected).max() / np.abs(expected).max())


def gemm(a, b, c, alpha=1.0, beta=1.0, transA=0, transB=0):
    return alpha * (a.T if transA else a) @ (b.T if transB else b) + beta * c


OPERATORS = {"Gemm": gemm, "Relu": lambda x: np.maximum(x, 0)}


def check_graph(file, images, expected):
    import onnx
    from onnx import checker, helper, numpy_helper, shape_inference

    model = onnx.load(file)
    checker.check_model(model, full_check=True)  # of a file's name it would change the file
    graph = shape_inference.infer_shapes(model, strict_mode=True).graph
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    [image], [logits] = graph.input, graph.output
    values = {**weights, image.name: images}
    for node in graph.node:
        settings = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        arguments = [values[name] for name in node.input]
        [output] = node.output
        values[output] = OPERATORS[node.op_type](*arguments, **settings)
    return {
        "ir": model.ir_version,
        "operators": {each.domain: each.version for each in model.opset_import},
        "producer": [model.producer_name, model.producer_version],
        "metadata": {each.key: each.value for each in model.metadata_props},
        "types": sorted({each.type.tensor_type.elem_type for each in (image, logits)}),
        "shapes": {each.name: shape_of(each) for each in (image, logits, *graph.value_info)},
        "weights": {name: list(array.shape) for name, array in weights.items()},
        "nodes": [node.op_type for node in graph.node],
        "difference": difference(values[logits.name], expected),
    }


def check_runtime(file, images, expected):
    import onnxruntime

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    [image], [logits] = session.get_inputs(), session.get_outputs()

    def computed(batch):
        return np.concatenate([session.run([logits.name], {image.name: images[start:start + batch]})[0]
                               for start in range(0, len(images), batch)])

    return {"shapes": {image.name: image.shape, logits.name: logits.shape},
            "metadata": session.get_modelmeta().custom_metadata_map,
            "differences": {batch: difference(computed(batch), expected)
                            for batch in (1, 7, 100, len(images))}}


def main():
    kind, file = sys.argv[1:3]
    images, expected = (np.fromfile(name, "<f4").reshape(-1, width)
                        for name, width in zip(sys.argv[3:], (784, 10)))
    try:
        print(json.dumps({"graph": check_graph, "runtime": check_runtime}[kind](file, images, expected)))
    except ImportError as error:
        print(f"{error}; install python3-onnx, or onnxruntime from pip", file=sys.stderr)
        sys.exit(77)


main()
