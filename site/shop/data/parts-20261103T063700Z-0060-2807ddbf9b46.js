(window.fftData??={})["parts-20261103T063700Z-0060"]=JSON.parse('{"parts":[],"nodes":{}}');
