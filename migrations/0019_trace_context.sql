-- Which span records a request, where traces are exported: what is done for the request after its answer is
-- linked with it. Work knows its request by its id; a caller that uses one id for several requests has the
-- last of them linked.

CREATE TABLE request_traces (
    request_id  TEXT    NOT NULL PRIMARY KEY,
    -- As in the header: https://www.w3.org/TR/trace-context/
    traceparent TEXT    NOT NULL CHECK (length(traceparent) = 55),
    at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX request_traces_by_age ON request_traces (at);
