"""Says what AWS's own description of its API finds wrong with requests that are written down as JSON.

    aws_requests.py SERVICE OPERATION FILE [SERVICE OPERATION FILE …]

Nobody is called. The description comes with botocore.
"""

import json
import sys

import botocore.session
from botocore.validate import ParamValidator


def faults(session, service, operation, file):
    shape = session.get_service_model(service).operation_model(operation).input_shape
    with open(file, encoding="utf-8") as opened:
        request = json.load(opened)
    report = ParamValidator().validate(request, shape)
    found = [report.generate_report()] if report.has_errors() else []
    return found + list(strange_words(request, shape, []))


def strange_words(value, shape, path):
    """botocore leaves to AWS which words it takes where it takes only some."""
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in value.items():
            if name in shape.members:
                yield from strange_words(member, shape.members[name], [*path, name])
    elif shape.type_name == "list" and isinstance(value, list):
        for member in value:
            yield from strange_words(member, shape.member, path)
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        yield f"{'.'.join(path)}: {value!r} is none of {shape.enum}"


def main(arguments):
    session = botocore.session.get_session()
    found = []
    for service, operation, file in zip(*[iter(arguments)] * 3, strict=True):
        found += [f"{file}: {fault}" for fault in faults(session, service, operation, file)]
    sys.exit("\n".join(found) or 0)


main(sys.argv[1:])
